package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What bash completes after {@code source <(./lenet5 completion)}. */
@EnabledOnOs({OS.LINUX, OS.MAC})
class CompletionTest {

    @TempDir
    private Path directory;

    private Path script;

    @BeforeEach
    void writeScript() throws IOException {
        script = directory.resolve("completion");
        Files.writeString(script, Commands.succeed("completion").out());
    }

    @ParameterizedTest
    @CsvSource({
        "lenet5 ex, export",
        "./lenet5 ex, export",
        "lenet5 imp, import",
        "lenet5 export --f, --format",
        "lenet5 export --format ke, keras",
        "lenet5 train --se, --seed",
        "lenet5 predict --engine re, reference",
    })
    void aWordsBeginningIsCompleted(String typed, String completed) throws Exception {
        assertEquals(Set.of(completed), complete(typed));
    }

    @Test
    void everyCommandIsOffered() throws Exception {
        Set<String> offered = complete("lenet5 ");
        assertTrue(
                offered.containsAll(Set.of("train", "evaluate", "predict", "devices", "bench", "completion")),
                offered::toString);
    }

    /** Does what bash does when the tabulator is hit, with the function that the script registered. */
    private Set<String> complete(String typed) throws Exception {
        String commands = """
                source '%s'
                compopt() { :; } # bash itself has it only while it completes
                COMP_LINE='%s'
                COMP_POINT=${#COMP_LINE}
                COMP_WORDS=($COMP_LINE)
                [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                registered=$(complete -p "${COMP_WORDS[0]##*/}")
                [[ $registered =~ -F\\ ([^ ]+) ]] && "${BASH_REMATCH[1]}"
                printf '%%s\\n' "${COMPREPLY[@]}"
                """.formatted(script, typed);
        Process bash = new ProcessBuilder("bash", "-c", commands)
                .redirectErrorStream(true)
                .start();
        String printed = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, bash.waitFor(), printed);
        return new TreeSet<>(printed.lines().map(String::strip).toList());
    }
}
