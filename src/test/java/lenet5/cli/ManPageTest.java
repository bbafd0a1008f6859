package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** The pages that {@code scripts/man} makes of the commands. */
class ManPageTest {

    @TempDir
    private Path directory;

    @Test
    void everyCommandHasAPageWithItsOptions() throws Exception {
        CommandLine program = new CommandLine(new RootCommand());
        int code = ManPageGenerator.generateManPage(
                directory.toFile(), null, new boolean[0], false, program.getCommandSpec());
        assertEquals(0, code);
        assertPage("lenet5", program);
        for (var command : program.getSubcommands().entrySet()) {
            assertPage("lenet5-" + command.getKey(), command.getValue());
        }
    }

    private void assertPage(String name, CommandLine command) throws Exception {
        String page = Files.readString(directory.resolve(name + ".adoc"));
        assertTrue(page.startsWith("// tag::picocli-generated-full-manpage[]"), page);
        assertTrue(page.contains("= " + name + "(1)"), page);
        for (OptionSpec option : command.getCommandSpec().options()) {
            assertTrue(page.contains(option.longestName()), name + " has " + option.longestName());
            assertTrue(page.contains(option.description()[0].substring(0, 10)), name + " has " + option.longestName());
        }
        for (PositionalParamSpec parameter : command.getCommandSpec().positionalParameters()) {
            assertTrue(page.contains("_" + parameter.paramLabel() + "_"), name + " has " + parameter.paramLabel());
        }
    }
}
