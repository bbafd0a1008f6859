package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lenet5.ChildJvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files that are not what they should be, given to the commands that read them, in a JVM with little memory: exit code 4,
 * one line that names the file, and nothing written.
 */
class HostileFilesTest {

    @TempDir
    private Path directory;

    @Test
    void hostileFilesEndInOneLineAndExitCode4() throws Exception {
        ChildJvm jvm = new ChildJvm(Files.createDirectory(directory.resolve("jvm"))).option("-Xmx64m");
        Path work = Files.createDirectory(directory.resolve("work"));
        ChildJvm.Result result = jvm.run(HostileFiles.class, work.toString());
        assertEquals(0, result.exitCode(), result::toString);
        List<String> lines = result.out().lines().toList();
        String last = lines.get(lines.size() - 1);
        assertTrue(last.matches("\\d+ files, 0 problems"), result::toString);
        assertTrue(Integer.parseInt(last.substring(0, last.indexOf(' '))) >= 400, last);
    }
}
