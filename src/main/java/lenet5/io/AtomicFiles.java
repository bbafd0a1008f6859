package lenet5.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

public final class AtomicFiles {
    private AtomicFiles() {}

    public static void write(Path file, byte[] content) throws IOException {
        Files.write(file, content);
    }
}
