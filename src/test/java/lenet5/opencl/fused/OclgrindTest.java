package lenet5.opencl.fused;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import lenet5.ChildJvm;
import lenet5.opencl.BrokenKernel;
import lenet5.opencl.TestDevice;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every kernel under oclgrind, which interprets them and watches each access: outside a buffer, of memory that nobody
 * wrote, in a race with another work-item; and each call of the OpenCL API.
 */
class OclgrindTest {

    @TempDir
    private Path directory;

    private ChildJvm jvm;

    /** Without the optimizer: the watch for uninitialized memory does not know every instruction that it makes. */
    @BeforeEach
    void describe() {
        jvm = new ChildJvm(directory)
                .environment("OCL_ICD_VENDORS", driver().toString())
                .environment("OCLGRIND_BUILD_OPTIONS", "-cl-opt-disable")
                .environment("OCLGRIND_CHECK_API", "1")
                .environment("OCLGRIND_DATA_RACES", "1");
    }

    @Test
    void operationsRunClean() {
        assertClean(watchingUninitialized().run(KernelSweep.class, "operations"));
    }

    /** Not watched for uninitialized memory: oclgrind overlooks what the host writes by filling or through views. */
    @Test
    void theLayeredEngineRunsClean() {
        assertClean(jvm.run(KernelSweep.class, "layered"));
    }

    @Test
    void theFusedEngineRunsClean() {
        assertClean(watchingUninitialized().run(KernelSweep.class, "fused"));
    }

    /** One group, since oclgrind takes every access of two groups to the same place for a race. */
    @Test
    void aPersistentGroupRunsClean() {
        assertClean(watchingUninitialized().run(KernelSweep.class, "persistent"));
    }

    /** oclgrind runs one group after the other here: a device on which they cannot wait for one another. (It takes looks for races.) */
    @Test
    void groupsThatWaitInVainGiveUp() {
        ChildJvm.Result result = watchingUninitialized()
                .environment("OCLGRIND_NUM_THREADS", "1")
                .run(KernelSweep.class, "persistent-waits");
        assertEquals(0, result.exitCode(), result::toString);
        List<String> lines = result.out().lines().toList();
        assertEquals(4, lines.size(), result::toString);
        String reason = "its work-groups do not run at once";
        assertEquals(List.of(reason, reason, "swept"), lines.subList(1, 4));
    }

    /** What the tests above would say. */
    @ParameterizedTest
    @CsvSource({
        "operations, ops/tanh, i < count, i <= count, Invalid write",
        "operations, ops/dense, barrier(CLK_LOCAL_MEM_FENCE);, ;, Read-write data race",
        "operations, ops/conv5x5, sum[t] = 0.0f;, ;, Uninitialized value",
        "shares, fused/shares/shares, if (item < learned), ;, Write-write data race",
        "shares, fused/shares/shares, part < parts, part <= parts, Uninitialized value",
        "tiles, fused/tiles/convolution, 'item < GRADIENT_ITEMS', true, Write-write data race",
        "tiles, fused/tiles/tiles, 'adder == 0 && k < learned', 'k < learned', data race",
        "tiles, fused/tiles/dense, 'n < images ? from', 'true ? from', Uninitialized value",
        "images, fused/images/images, item < learned, true, Write-write data race",
        "images, fused/images/layers, SYNC; // everyone, // everyone, Read-write data race",
        "images, fused/images/convolution, 'float bias = 0.0f;', 'float bias;', Uninitialized value",
        "lanes, fused/lanes/lanes, count >= LANES, true, Invalid write",
        "lanes, fused/lanes/layers, 'float8 eight = eights[0] + eights[1];', 'float8 eight;', Uninitialized value"
    })
    void aBrokenKernelIsCaught(String sweep, String file, String right, String wrong, String diagnosis)
            throws IOException {
        jvm.classPathFirst(BrokenKernel.write(directory, file, right, wrong));
        ChildJvm.Result result = watchingUninitialized().run(KernelSweep.class, sweep);
        assertTrue(result.err().contains(diagnosis), result::toString);
    }

    private ChildJvm watchingUninitialized() {
        return jvm.environment("OCLGRIND_UNINITIALIZED", "1");
    }

    private static void assertClean(ChildJvm.Result result) {
        assertEquals(0, result.exitCode(), result::toString);
        assertEquals("Oclgrind Simulator (Oclgrind)\nswept\n", result.out(), result::toString);
        assertEquals("", result.err(), result::toString);
    }

    private static Path driver() {
        return Stream.of("/usr/lib", "/usr/local/lib", "/usr/lib64")
                .map(library -> Path.of(library, "oclgrind", "liboclgrind-rt-icd.so"))
                .filter(Files::exists)
                .findFirst()
                .orElseGet(() -> TestDevice.missing("oclgrind"));
    }
}
