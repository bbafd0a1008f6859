package lenet5.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {

    private static final byte[] OLD = {1};
    private static final byte[] NEW = {2, 3};

    @TempDir
    Path directory;

    private Path target;

    @BeforeEach
    void nameTarget() {
        target = directory.resolve("target");
    }

    @Test
    void createsFile() throws IOException {
        AtomicFiles.write(target, NEW);
        assertArrayEquals(NEW, Files.readAllBytes(target));
        assertEquals(List.of("target"), names());
    }

    @Test
    void replacesFile() throws IOException {
        Files.write(target, OLD);
        AtomicFiles.write(target, NEW);
        assertArrayEquals(NEW, Files.readAllBytes(target));
        assertEquals(List.of("target"), names());
    }

    @Test
    void oldContentStaysUntilTheNewIsWhole() throws IOException {
        Files.write(target, OLD);
        AtomicFiles.write(target, out -> {
            out.write(NEW);
            out.flush();
            assertArrayEquals(OLD, Files.readAllBytes(target));
            assertEquals(2, names().size());
        });
        assertArrayEquals(NEW, Files.readAllBytes(target));
    }

    @Test
    void failureLeavesOldContentAndNothingElse() throws IOException {
        Files.write(target, OLD);
        IOException thrown = assertThrows(
                IOException.class,
                () -> AtomicFiles.write(target, out -> {
                    out.write(NEW);
                    out.flush();
                    throw new IOException("no more");
                }));
        assertEquals("no more", thrown.getMessage());
        assertArrayEquals(OLD, Files.readAllBytes(target));
        assertEquals(List.of("target"), names());
    }

    @Test
    void directoryInTheWayFails() throws IOException {
        Files.createDirectories(target.resolve("inside"));
        IOException thrown = assertThrows(IOException.class, () -> AtomicFiles.write(target, NEW));
        assertTrue(thrown.getMessage().startsWith(target + " cannot be written: "), thrown.getMessage());
        assertEquals(List.of("target"), names());
    }

    @Test
    void missingDirectoryIsNotCreated() {
        Path file = target.resolve("file");
        assertThrows(NoSuchFileException.class, () -> AtomicFiles.write(file, out -> out.write(NEW)));
        IOException thrown = assertThrows(IOException.class, () -> AtomicFiles.write(file, NEW));
        assertEquals(file + " cannot be written: " + target + " is not a directory", thrown.getMessage());
    }

    /** Ends its own JVM while a file is half written. */
    static final class Interrupted {
        public static void main(String[] arguments) throws IOException {
            AtomicFiles.write(Path.of(arguments[0]), out -> {
                out.write(NEW);
                out.flush();
                System.exit(7);
            });
        }
    }

    @Test
    void exitLeavesOldContentAndNothingElse() throws Exception {
        Files.write(target, OLD);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        classes(AtomicFiles.class) + File.pathSeparator + classes(Interrupted.class),
                        Interrupted.class.getName(),
                        target.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        assertEquals(7, process.waitFor(), output);
        assertArrayEquals(OLD, Files.readAllBytes(target));
        assertEquals(List.of("target"), names());
    }

    private static Path classes(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    @Test
    void temporaryNameIsBesideTheTarget() throws IOException {
        AtomicFiles.write(target, out -> assertTrue(names().get(0).startsWith(".target."), names().toString()));
    }
}
