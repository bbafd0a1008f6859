package lenet5.opencl.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import lenet5.ChildJvm;
import lenet5.opencl.BrokenKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Candidates on the device. */
class TunerTest {

    @Test
    void parametersWithWhichAKernelIsWrongAreRefused(@TempDir Path directory) throws IOException {
        String slope = "(f).z -";
        String broken = "(f).z * (MAX_OUTPUTS == 2 ? 1.01f : 1.0f) -";
        ChildJvm.Result result = new ChildJvm(directory)
                .classPathFirst(BrokenKernel.write(directory, "fused/common", slope, broken))
                .run(TunedDevice.Open.class);
        assertEquals(0, result.exitCode(), result::toString);
        assertTrue(result.out().startsWith("it computes wrong results (the loss is off by"), result::toString);
    }
}
