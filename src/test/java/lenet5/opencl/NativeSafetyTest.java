package lenet5.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import lenet5.ChildJvm;
import lenet5.Lenet5Gpu;
import org.jocl.CL;
import org.jocl.LibUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What could take the JVM with it, each in one of its own. */
class NativeSafetyTest {

    private static final int COLD_STARTS = 8;

    @TempDir
    private Path directory;

    @BeforeAll
    static void requireDevice() {
        TestDevice.device();
    }

    @ParameterizedTest
    @EnumSource
    void everyOrderOfClosingAndUsingIsSurvived(Lifetime lifetime) {
        ChildJvm.Result result = new ChildJvm(directory).run(Lifetime.class, lifetime.name());
        assertEquals(0, result.exitCode(), result::toString);
        assertEquals("survived", result.out().strip(), result::toString);
    }

    @Test
    void coldStartsAtTheSameTimeAllSucceed() throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(COLD_STARTS);
        try {
            Callable<ChildJvm.Result> start = this::listDevices;
            List<Future<ChildJvm.Result>> started = Stream.generate(() -> executor.submit(start))
                    .limit(COLD_STARTS)
                    .toList();
            for (Future<ChildJvm.Result> one : started) {
                assertFindsDevice(one.get());
            }
        } finally {
            executor.shutdown();
        }
    }

    @Test
    void aPlantedLibraryIsNotLoaded() throws IOException {
        String library = LibUtils.createLibraryFileName(LibUtils.createPlatformLibraryName("JOCL_2_0_6"));
        Files.writeString(directory.resolve(library), "planted");

        ChildJvm.Result bare = new ChildJvm(directory).run(BareJocl.class);
        assertNotEquals(0, bare.exitCode(), "JOCL by itself loads the file: the test plants the right one");
        assertFindsDevice(listDevices());
        assertEquals("planted", Files.readString(directory.resolve(library)));
    }

    private ChildJvm.Result listDevices() {
        return new ChildJvm(directory).run(Lenet5Gpu.class, "devices", "--json");
    }

    private static void assertFindsDevice(ChildJvm.Result result) {
        assertEquals(0, result.exitCode(), result::toString);
        assertTrue(result.out().contains("{\"event\":\"device\""), result::toString);
        assertEquals("", result.err(), result::toString);
    }

    /** JOCL as it comes. */
    static final class BareJocl {
        public static void main(String[] arguments) {
            CL.setExceptionsEnabled(true);
        }
    }
}
