package lenet5.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** What was typed, and what is wrong with it. */
final class Usage {

    private Usage() {}

    /** Whether {@code option} was typed, rather than left at its default. */
    static boolean isGiven(CommandSpec command, String option) {
        return command.commandLine().getParseResult().hasMatchedOption(option);
    }

    /** To be thrown: ends the command with {@code message} and its usage. */
    static CommandLine.ParameterException wrong(CommandSpec command, String message) {
        return new CommandLine.ParameterException(command.commandLine(), message);
    }
}
