package lenet5.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import lenet5.nn.Parameters;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointDirectoryTest {

    @TempDir
    private Path parent;

    private Path directory;
    private CheckpointDirectory checkpoints;
    private final List<String> messages = new ArrayList<>();

    @BeforeEach
    void create() throws IOException {
        directory = parent.resolve("run/checkpoints");
        checkpoints = new CheckpointDirectory(directory);
        checkpoints.create();
    }

    @Test
    void everyBitComesBack() throws IOException {
        Checkpoint written = SampleCheckpoint.after(3);
        float[] edges = {-0.0f, Float.MIN_VALUE, -Float.MAX_VALUE};
        System.arraycopy(edges, 0, written.state().best().values(), 0, edges.length);

        Path file = checkpoints.write(written);
        CheckpointDirectory.Found found = checkpoints.newest(messages::add);

        assertEquals(directory.resolve("epoch-000003.safetensors"), file);
        assertEquals(file, found.file());
        Checkpoint read = found.checkpoint();
        assertEquals(written.run(), read.run());
        assertEquals(written.normalization(), read.normalization());
        assertEquals(written.state().history(), read.state().history());
        assertBits(written.state().parameters(), read.state().parameters());
        assertBits(written.state().best(), read.state().best());
        assertEquals(List.of(), messages);
    }

    @Test
    void aCheckpointIsAModel() throws IOException {
        Checkpoint checkpoint = SampleCheckpoint.after(3);
        Model last = ModelFile.read(checkpoints.write(checkpoint));
        assertBits(checkpoint.state().parameters(), last.parameters());
        assertEquals(3, last.epochs());
        assertEquals(7, last.seed());

        Checkpoint patient = SampleCheckpoint.after(4, new TrainingOptions(20, 7, 5, false));
        Model best = ModelFile.read(checkpoints.write(patient));
        assertBits(patient.state().best(), best.parameters());
        assertEquals(SampleCheckpoint.BEST, best.epochs());
    }

    @Test
    void theNewestAndTheOneBeforeAreKept() throws IOException {
        for (int epoch = 9; epoch <= 12; epoch++) {
            checkpoints.write(SampleCheckpoint.after(epoch));
        }
        assertEquals(List.of("epoch-000011.safetensors", "epoch-000012.safetensors"), names());
        assertEquals(12, checkpoints.newest(messages::add).checkpoint().state().epoch());
    }

    @Test
    void whatAKilledWriterLeftIsSweptAndNothingElse() throws IOException {
        Files.createFile(directory.resolve(".epoch-000002.safetensors." + UUID.randomUUID() + ".tmp"));
        Files.createFile(directory.resolve("epoch-2.safetensors"));
        Files.createFile(directory.resolve("notes.tmp"));
        checkpoints.write(SampleCheckpoint.after(3));
        assertEquals(List.of("epoch-000003.safetensors", "epoch-2.safetensors", "notes.tmp"), names());
    }

    @Test
    void aDamagedNewestGivesWayToTheOneBefore() throws IOException {
        checkpoints.write(SampleCheckpoint.after(3));
        Path newest = checkpoints.write(SampleCheckpoint.after(4));
        damage(newest);

        assertEquals(3, checkpoints.newest(messages::add).checkpoint().state().epoch());
        assertEquals(1, messages.size());
        assertTrue(messages.get(0).startsWith(newest + ": damaged: its SHA-256 is "), messages.get(0));
        assertTrue(messages.get(0).endsWith("; falling back to epoch-000003.safetensors"), messages.get(0));

        checkpoints.write(SampleCheckpoint.after(4));
        assertEquals(4, checkpoints.newest(messages::add).checkpoint().state().epoch());
    }

    @Test
    void whereAllAreDamagedEachIsNamed() throws IOException {
        Path previous = checkpoints.write(SampleCheckpoint.after(3));
        Path newest = checkpoints.write(SampleCheckpoint.after(4));
        damage(newest);
        Files.write(previous, new byte[3]);

        String refusal = refusal(checkpoints);
        assertTrue(refusal.startsWith("no usable checkpoint: " + newest + ": damaged"), refusal);
        assertTrue(refusal.contains("; " + previous + ": found 3 bytes, expected at least"), refusal);
        assertEquals(List.of(), messages);
    }

    @Test
    void directoriesThatHoldNoneAreNamed() throws IOException {
        assertEquals(directory + ": found no checkpoint, expected epoch-*.safetensors", refusal(checkpoints));
        Path missing = parent.resolve("missing");
        assertEquals(missing + ": not a directory of checkpoints", refusal(new CheckpointDirectory(missing)));
        Path file = Files.createFile(parent.resolve("file"));
        assertEquals(file + ": not a directory of checkpoints", refusal(new CheckpointDirectory(file)));
    }

    @Test
    void anotherRunsCheckpointsAreNotWrittenOver() throws IOException {
        checkpoints.create();
        checkpoints.write(SampleCheckpoint.after(3));
        String refusal = assertThrows(IOException.class, checkpoints::create).getMessage();
        assertTrue(refusal.startsWith(directory + ": holds the checkpoints of another run"), refusal);
        assertTrue(refusal.contains("epoch-000003.safetensors"), refusal);
    }

    @Test
    void whereADirectoryCannotBeItIsNamed() throws IOException {
        Path file = Files.createFile(parent.resolve("file"));
        for (Path place : List.of(file, file.resolve("below"))) {
            String refusal = assertThrows(IOException.class, () -> new CheckpointDirectory(place).create())
                    .getMessage();
            assertTrue(refusal.startsWith(place + ": "), refusal);
        }
    }

    @Test
    void aFailedWriteLeavesTheOldCheckpoints() throws IOException {
        checkpoints.write(SampleCheckpoint.after(3));
        Path inTheWay = Files.createDirectories(directory.resolve("epoch-000004.safetensors/occupied"))
                .getParent();
        String fault = assertThrows(IOException.class, () -> checkpoints.write(SampleCheckpoint.after(4)))
                .getMessage();
        assertTrue(fault.startsWith(inTheWay + " cannot be written: "), fault);
        assertEquals(List.of("epoch-000003.safetensors", "epoch-000004.safetensors"), names());
        assertEquals(3, checkpoints.newest(messages::add).checkpoint().state().epoch());
    }

    private static void damage(Path file) throws IOException {
        byte[] content = Files.readAllBytes(file);
        content[content.length - 100] ^= 1;
        Files.write(file, content);
    }

    private String refusal(CheckpointDirectory from) {
        return assertThrows(ModelFileException.class, () -> from.newest(messages::add))
                .getMessage();
    }

    private static void assertBits(Parameters expected, Parameters actual) {
        assertArrayEquals(expected.values(), actual.values());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
