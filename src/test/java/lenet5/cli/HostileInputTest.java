package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import lenet5.ChildJvm;
import lenet5.ChildJvm.Result;
import lenet5.Lenet5Gpu;
import lenet5.data.TinyMnist;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in a file or an option, the command ends in time, with its exit code and one line that names the fault. */
class HostileInputTest {

    @TempDir
    private Path directory;

    private ChildJvm jvm;

    @BeforeEach
    void describe() throws IOException {
        jvm = new ChildJvm(Files.createDirectory(directory.resolve("jvm"))).option("-Xmx64m");
    }

    @Test
    void checkpoints() {
        assertRefused("checkpoints", 200);
    }

    @Test
    void models() {
        assertRefused("models", 200);
    }

    @Test
    void options() {
        assertRefused("options", 200);
    }

    private void assertRefused(String kind, int least) {
        Result result = jvm.run(HostileInput.class, kind, directory.toString());
        assertEquals(0, result.exitCode(), result::toString);
        assertTrue(Integer.parseInt(result.out().strip()) >= least, result::toString);
    }

    @Test
    void aBatchThatMemoryCannotHoldIsToldWithoutAStackTrace() throws IOException {
        String data = TinyMnist.write(directory.resolve("data")).toString();
        Result result =
                jvm.run(Lenet5Gpu.class, "train", "--data", data, "--engine", "reference", "--batch-size", "65536");
        assertEquals(1, result.exitCode(), result::toString);
        String last = result.err().lines().reduce("", (first, second) -> second);
        assertTrue(last.startsWith("lenet5: not enough memory (Java heap space)"), result::toString);
        assertFalse(result.err().contains("\tat "), result::toString);
        assertEquals("", result.out());
    }
}
