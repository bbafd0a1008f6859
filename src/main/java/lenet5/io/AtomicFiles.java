package lenet5.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.UUID;

/** Writes files that readers, and a machine that loses power, see whole or not at all. */
public final class AtomicFiles {

    private AtomicFiles() {}

    /** Produces a file's content. */
    @FunctionalInterface
    public interface Content {
        /** Writes all of it to {@code out}, which is buffered and closed by the caller. */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * As {@link #write(Path, Content)}.
     *
     * @throws IOException naming {@code target} and the reason, as only the disk can be at fault
     */
    public static void write(Path target, byte[] content) throws IOException {
        try {
            write(target, out -> out.write(content));
        } catch (IOException e) {
            throw new IOException(target + " cannot be written: " + reason(directory(target), e), e);
        }
    }

    private static String reason(Path directory, IOException failure) {
        if (!Files.isDirectory(directory)) {
            return directory + " is not a directory";
        }
        String reason = failure instanceof FileSystemException fault ? fault.getReason() : failure.getMessage();
        return Objects.requireNonNullElse(reason, failure.toString());
    }

    private static Path directory(Path target) {
        return target.toAbsolutePath().getParent();
    }

    /**
     * Creates or replaces {@code target}: the content goes to a temporary name in the same directory, is synced and then
     * renamed. If anything fails, {@code target} stays as it was and the temporary file is removed; so it is when the
     * program is interrupted.
     *
     * @throws IOException if {@code content} throws one, or the directory does not exist or cannot be written
     */
    public static void write(Path target, Content content) throws IOException {
        Path directory = directory(target);
        Path temporary = directory.resolve("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
        temporary.toFile().deleteOnExit();
        try {
            writeSynced(temporary, content);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        syncDirectory(directory);
    }

    private static void writeSynced(Path file, Content content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
            content.writeTo(out);
            out.flush();
            channel.force(true);
        }
    }

    private static void syncDirectory(Path directory) {
        try (FileChannel channel = FileChannel.open(directory)) {
            channel.force(true);
        } catch (IOException e) {
            // Windows does not open directories, some network file systems do not sync them: the rename stands.
        }
    }
}
