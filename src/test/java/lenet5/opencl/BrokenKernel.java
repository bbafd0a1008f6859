package lenet5.opencl;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.io.IOUtils;

/** Copies of kernels with a deliberate mistake, for a class path that finds them before the real ones. */
public final class BrokenKernel {

    private BrokenKernel() {}

    /** Writes {@code kernels/FILE.cl} below {@code directory} with {@code right}, which must occur, replaced everywhere. */
    public static Path write(Path directory, String file, String right, String wrong) throws IOException {
        String source = IOUtils.resourceToString("/kernels/" + file + ".cl", StandardCharsets.UTF_8);
        assertTrue(source.contains(right), file + " has no " + right);
        Path root = directory.resolve("broken");
        Path copy = root.resolve("kernels/" + file + ".cl");
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, source.replace(right, wrong));
        return root;
    }
}
