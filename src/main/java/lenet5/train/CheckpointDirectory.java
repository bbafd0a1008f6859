package lenet5.train;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lenet5.io.AtomicFiles;

/** The checkpoints of one run: the newest and the one before, {@code epoch-000012.safetensors} after epoch 12. */
public final class CheckpointDirectory {

    private static final Pattern NAME = Pattern.compile("epoch-[0-9]{6}\\.safetensors");
    private static final int KEPT = 2;

    private final Path directory;

    public CheckpointDirectory(Path directory) {
        this.directory = directory;
    }

    /** A checkpoint and where it was. */
    public record Found(Path file, Checkpoint checkpoint) {}

    /**
     * Creates the directory if it is missing.
     *
     * @throws IOException naming it, if that fails, if it cannot be written, or if it holds a run's checkpoints already
     */
    public void create() throws IOException {
        try {
            Files.createDirectories(directory);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(directory + ": not a directory", e);
        } catch (IOException e) {
            throw new IOException(directory + ": cannot be created: " + e.getMessage(), e);
        }
        if (!Files.isWritable(directory)) {
            throw new IOException(directory + ": cannot be written");
        }
        if (!files().isEmpty()) {
            throw new IOException(directory + ": holds the checkpoints of another run, newest "
                    + files().get(0).getFileName() + "; go on with --resume, or name another directory");
        }
    }

    /**
     * Writes {@code checkpoint}, then deletes those older than the one before it, and what a killed run left half written.
     *
     * @return the file written
     * @throws IOException naming the file, if it cannot be written; older checkpoints are then as they were
     */
    public Path write(Checkpoint checkpoint) throws IOException {
        Path file = directory.resolve(String.format(
                Locale.ROOT, "epoch-%06d.safetensors", checkpoint.state().epoch()));
        CheckpointFile.write(file, checkpoint);
        List<Path> files = files();
        for (Path old : files.subList(Math.min(files.indexOf(file) + KEPT, files.size()), files.size())) {
            Files.deleteIfExists(old);
        }
        AtomicFiles.deleteAbandoned(directory);
        return file;
    }

    /**
     * Reads the newest checkpoint that is not damaged.
     *
     * @param messages hears a line for each damaged one that was passed over
     * @throws ModelFileException naming the directory if it holds none, and every file with its fault if all are damaged
     */
    public Found newest(Consumer<String> messages) {
        List<String> faults = new ArrayList<>();
        for (Path file : requireFiles()) {
            try {
                Found found = new Found(file, CheckpointFile.read(file));
                faults.forEach(fault -> messages.accept(fault + "; falling back to " + file.getFileName()));
                return found;
            } catch (ModelFileException e) {
                faults.add(e.getMessage());
            }
        }
        throw new ModelFileException("no usable checkpoint: " + String.join("; ", faults), null);
    }

    private List<Path> requireFiles() {
        try {
            List<Path> files = files();
            if (files.isEmpty()) {
                throw new ModelFileException(directory + ": found no checkpoint, expected epoch-*.safetensors", null);
            }
            return files;
        } catch (IOException e) {
            throw new ModelFileException(directory + ": not a directory of checkpoints", e);
        }
    }

    /** Newest first. */
    private List<Path> files() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry ->
                            NAME.matcher(entry.getFileName().toString()).matches())
                    .sorted(Comparator.reverseOrder())
                    .toList();
        }
    }
}
