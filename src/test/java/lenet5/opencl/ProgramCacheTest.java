package lenet5.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lenet5.ChildJvm;
import lenet5.nn.Shape;
import lenet5.ops.ElementType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiled kernels on disk, each use in a JVM of its own. */
class ProgramCacheTest {

    /** A driver of which nothing is known. */
    private static final String OTHER = "Other";

    @TempDir
    private Path directory;

    @BeforeAll
    static void requireDevice() {
        TestDevice.device();
    }

    @Test
    void kernelsAreKeptRestoredAndReplacedWhenDamaged() throws IOException {
        Path cache = directory.resolve("cache");
        useKernel(cache, OTHER);
        Path file = onlyFile(cache.resolve("kernels"));
        byte[] content = Files.readAllBytes(file);
        Object written = identity(file);

        useKernel(cache, OTHER);
        assertEquals(written, identity(file), "restored, so not written again");

        byte[] damaged = content.clone();
        damaged[damaged.length - 1] ^= 1;
        Files.write(file, damaged);
        useKernel(cache, OTHER);
        assertEquals(file, onlyFile(cache.resolve("kernels")));
        assertNotEquals(written, identity(file), "compiled and written again");
        assertEquals(content.length, Files.size(file));

        Files.write(file, new byte[0]);
        useKernel(cache, OTHER);
        assertEquals(content.length, Files.size(file));
    }

    @Test
    void aCacheThatCannotBeWrittenChangesNothing() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        useKernel(file.resolve("cache"), OTHER);
        assertEquals(0, Files.size(file));
    }

    @Test
    void poclKeepsItsOwn() {
        Path cache = directory.resolve("cache");
        useKernel(cache, "Portable Computing Language");
        assertFalse(Files.exists(cache.resolve("kernels")));
    }

    private void useKernel(Path cache, String platform) {
        ChildJvm.Result result = new ChildJvm(directory)
                .environment("LENET5_CACHE", cache.toString())
                .run(Update.class, platform);
        assertEquals(0, result.exitCode(), result::toString);
        assertEquals("", result.err(), result::toString);
    }

    private static Path onlyFile(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> all = files.toList();
            assertEquals(1, all.size(), all::toString);
            return all.get(0);
        }
    }

    /** Changes when the file is replaced by another of the same name. */
    private static Object identity(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }

    /** Builds one program and uses it, by a driver of that name. */
    static final class Update {
        public static void main(String[] arguments) {
            try (DeviceContext context = DeviceContext.open(TestDevice.onPlatform(arguments[0]))) {
                DeviceBuffer two = context.allocate(ElementType.FLOAT, Shape.of(1));
                DeviceBuffer result = context.allocate(ElementType.FLOAT, Shape.of(1));
                two.fill(2);
                result.fill(1);
                context.bind("ops/sgd", "sgd_update", Map.of(), List.of(result, two, two))
                        .run(1, 1, 1, 1);
                assertArrayEquals(new float[] {-3}, result.readFloats());
            }
        }
    }
}
