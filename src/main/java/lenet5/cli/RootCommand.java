package lenet5.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Stream;
import lenet5.data.DataException;
import lenet5.engines.DeviceUnavailableException;
import lenet5.train.DivergedException;
import lenet5.train.ModelFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The program's commands, exit codes and error messages. */
@Command(
        name = "lenet5",
        description =
                "Trains LeNet-5 on MNIST with OpenCL, or on the CPU where there is none. Without a command: train.",
        subcommands = {
            TrainCommand.class,
            EvaluateCommand.class,
            PredictCommand.class,
            ExportCommand.class,
            ImportCommand.class,
            DevicesCommand.class,
            BenchCommand.class,
            TuneCommand.class,
            CompletionCommand.class
        },
        versionProvider = RootCommand.Version.class,
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failure",
            "2:wrong usage",
            "3:device not available",
            "4:bad data, model or checkpoint file",
            "5:training diverged",
            "130:interrupted"
        })
public final class RootCommand {

    private static final int FAILURE = 1;
    private static final int USAGE = 2;
    private static final int NO_DEVICE = 3;
    static final int BAD_FILE = 4;
    private static final int DIVERGED = 5;

    private static final Set<String> ROOT_OPTIONS = Set.of("--help", "-h", "--version", "-V");

    RootCommand() {}

    /** Runs the command that {@code arguments} name, {@code train} if none, and returns the exit code. */
    public static int run(String... arguments) {
        CommandLine program = new CommandLine(new RootCommand());
        program.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        program.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        program.setCaseInsensitiveEnumValuesAllowed(true);
        program.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr()
                    .println("lenet5: " + (exitCode(failure) == FAILURE ? described(failure) : failure.getMessage()));
            return exitCode(failure);
        });
        try {
            return program.execute(withCommand(arguments));
        } catch (OutOfMemoryError e) {
            program.getErr()
                    .println("lenet5: not enough memory (" + e.getMessage() + "): a smaller --batch-size needs less");
            return FAILURE;
        }
    }

    private static String[] withCommand(String[] arguments) {
        boolean named = arguments.length > 0 && (!arguments[0].startsWith("-") || ROOT_OPTIONS.contains(arguments[0]));
        return named
                ? arguments
                : Stream.concat(Stream.of("train"), Stream.of(arguments)).toArray(String[]::new);
    }

    private static int exitCode(Exception failure) {
        if (failure instanceof CommandLine.ParameterException) {
            return USAGE;
        }
        if (failure instanceof DeviceUnavailableException) {
            return NO_DEVICE;
        }
        if (failure instanceof DataException || failure instanceof ModelFileException) {
            return BAD_FILE;
        }
        return failure instanceof DivergedException ? DIVERGED : FAILURE;
    }

    private static String described(Exception failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    /** The version in the jar's manifest. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = RootCommand.class.getPackage().getImplementationVersion();
            return new String[] {"lenet5-opencl " + (version == null ? "development build" : version)};
        }
    }
}
