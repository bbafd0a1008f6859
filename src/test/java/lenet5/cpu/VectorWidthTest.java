package lenet5.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import lenet5.ChildJvm;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The vector arithmetic at every width up to the machine's, as on processors that have no more. */
class VectorWidthTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(ints = {8, 16, 32, 64})
    void everyWidthAgrees(int bytes) {
        ChildJvm.Result result = new ChildJvm(directory)
                .option("-XX:TieredStopAtLevel=4")
                .option("-XX:MaxVectorSize=" + bytes)
                .option("--add-modules=jdk.incubator.vector")
                .run(VectorSweep.class);
        assertEquals(0, result.exitCode(), result::toString);
        int lanes = Math.min(Arithmetic.best().lanes(), bytes / Float.BYTES);
        assertTrue(result.out().contains("swept " + lanes + " lanes"), result::toString);
    }
}
