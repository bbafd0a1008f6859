package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import lenet5.ChildJvm.Result;
import lenet5.data.TinyMnist;
import lenet5.opencl.TestDevice;
import lenet5.train.Checkpoint;
import lenet5.train.CheckpointDirectory;
import lenet5.train.CheckpointDirectory.Found;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** {@code train --checkpoint}, {@code --resume} and {@code --patience}: what they keep, take over and refuse. */
class CheckpointCommandTest {

    @TempDir
    private Path directory;

    private String data;
    private Path checkpoints;

    @BeforeEach
    void writeData() throws IOException {
        data = TinyMnist.write(directory.resolve("data")).toString();
        checkpoints = directory.resolve("checkpoints");
    }

    @Test
    void aResumedRunNeedsNoOptionsAndGivesTheSameBits() throws IOException {
        Path whole = directory.resolve("whole.safetensors");
        Path resumed = directory.resolve("resumed.safetensors");
        start("--epochs", "5", "--out", whole.toString());
        start("--epochs", "3", "--checkpoint", checkpoints.toString(), "--every", "2");
        Result result = resume("--json", "--epochs", "5", "--out", resumed.toString());

        assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(resumed));
        List<JsonNode> events = Commands.events(result);
        assertEquals(
                List.of("start", "resume", "epoch", "checkpoint", "epoch", "checkpoint", "model", "test"),
                events.stream().map(event -> event.get("event").asString()).toList());
        Commands.assertFields(events.get(1), "event epoch file");
        assertEquals(3, events.get(1).get("epoch").asInt());
        Commands.assertFields(events.get(3), "event epoch file");
        assertEquals(4, events.get(3).get("epoch").asInt(), "every 2, as before");
        assertEquals(file(5).toString(), events.get(5).get("file").asString(), "the end, whatever --every says");
        Commands.assertFields(events.get(6), "event epoch file");
        assertEquals(List.of(file(4), file(5)), written());
    }

    @Test
    void theVariantIsTakenOver() {
        TestDevice.device();
        Commands.succeed(("train --device opencl --engine fused --variant images --batch-size 5 --epochs 1 --data "
                        + data + " --checkpoint " + checkpoints)
                .split(" "));
        resume("--epochs", "2");
        Found found = new CheckpointDirectory(checkpoints).newest(line -> {});
        assertEquals(file(2), found.file());
        assertEquals("images", found.checkpoint().run().variant());
    }

    @Test
    void aRunThatIsDoneIsTestedAgain() {
        start("--epochs", "2", "--checkpoint", checkpoints.toString());
        Result result = resume("--seed", "9", "--batch-size", "5");
        assertFalse(result.out().contains("epoch  "), result::toString);
        assertTrue(result.out().contains("test accuracy "), result::toString);
    }

    @Test
    void aCheckpointIsTestedLikeAModel() {
        Path out = directory.resolve("model.safetensors");
        start("--epochs", "2", "--checkpoint", checkpoints.toString(), "--out", out.toString());
        String model = evaluate(out);
        assertTrue(model.contains("test accuracy"), model);
        assertEquals(model, evaluate(file(2)));
    }

    private String evaluate(Path file) {
        return Commands.succeed("evaluate", file.toString(), "--data", data, "--device", "cpu")
                .out();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--seed 8 | --seed 8 (it has 9)",
                "--seed 9 --batch-size 6 | --batch-size 6 (it has 5)",
                "--learning-rate 0.3 --seed 1 | --learning-rate 0.3 (it has 0.05), --seed 1 (it has 9): a resumed run",
                "--epochs 1 | --epochs 1, expected at least the 2 of ",
                "--every 0 | --every 0, expected at least 1",
                "--patience -1 | patience -1, expected at least 0",
            })
    void contradictionsAreNamed(String options, String reason) {
        start("--epochs", "2", "--checkpoint", checkpoints.toString());
        List<String> command = new ArrayList<>(List.of("train", "--resume", checkpoints.toString()));
        command.addAll(List.of(options.split(" ")));
        Result result = Commands.run(command.toArray(String[]::new));
        assertEquals(2, result.exitCode(), result::toString);
        assertEquals("", result.out());
        String first = result.err().lines().findFirst().orElse("");
        assertTrue(first.contains(reason), result::toString);
    }

    @Test
    void everyIsOfNoUseWithoutADirectory() {
        Result result = Commands.run("train", "--every", "2", "--data", "nowhere");
        assertEquals(2, result.exitCode(), result::toString);
        assertTrue(result.err().startsWith("--every needs --checkpoint or --resume"), result::toString);
    }

    @Test
    void otherImagesAreRefused() throws IOException {
        start("--epochs", "2", "--checkpoint", checkpoints.toString());
        Path moved = Files.move(Path.of(data), directory.resolve("moved"));
        Commands.succeed("train", "--resume", checkpoints.toString(), "--epochs", "3", "--data", moved.toString());

        Path labels = moved.resolve("train-labels-idx1-ubyte");
        byte[] content = Files.readAllBytes(labels);
        content[8] = 9;
        Files.write(labels, content);
        Commands.fail(
                4,
                "the images of " + moved + " are not those that " + file(3) + " was trained on",
                "train",
                "--resume",
                checkpoints.toString(),
                "--data",
                moved.toString());
    }

    @Test
    void anotherEngineIsTakenAndTold() {
        start("--epochs", "1", "--checkpoint", checkpoints.toString());
        Result result = resume("--epochs", "2", "--engine", "reference");
        assertTrue(result.err().contains("it ran on CPU, "), result::toString);
        assertTrue(result.err().contains("from here on its bits may differ"), result::toString);
    }

    @Test
    void aDamagedNewestCheckpointGivesWayAndBothAreAnError() throws IOException {
        Path whole = directory.resolve("whole.safetensors");
        Path resumed = directory.resolve("resumed.safetensors");
        start("--epochs", "3", "--checkpoint", checkpoints.toString(), "--out", whole.toString());
        truncate(file(3));
        Result result = resume("--out", resumed.toString());
        assertTrue(result.err().startsWith(file(3) + ": found "), result::toString);
        assertTrue(result.err().contains("; falling back to epoch-000002.safetensors"), result::toString);
        assertTrue(result.err().contains("resuming after epoch 2 from " + file(2)), result::toString);
        assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(resumed));

        truncate(file(3));
        truncate(file(2));
        Commands.fail(4, "no usable checkpoint: " + file(3), "train", "--resume", checkpoints.toString());
        Commands.fail(4, "; " + file(2) + ": found ", "train", "--resume", checkpoints.toString());
    }

    @Test
    void aDirectoryThatCannotBeWrittenIsToldBeforeTraining() throws IOException {
        String file = Files.createFile(directory.resolve("file")).toString();
        Commands.fail(1, file + ": not a directory", "train", "--data", data, "--checkpoint", file);
        start("--epochs", "1", "--checkpoint", checkpoints.toString());
        Commands.fail(
                1,
                checkpoints + ": holds the checkpoints of another run, newest epoch-000001.safetensors; go on with",
                "train",
                "--data",
                data,
                "--checkpoint",
                checkpoints.toString());
        Commands.fail(4, directory + ": found no checkpoint", "train", "--resume", directory.toString());
        assertEquals(List.of(file(1)), written());
    }

    @Test
    void divergenceLeavesTheLastGoodCheckpoint() throws IOException {
        start("--epochs", "2", "--checkpoint", checkpoints.toString());
        CheckpointDirectory kept = new CheckpointDirectory(checkpoints);
        Checkpoint checkpoint = kept.newest(line -> {}).checkpoint();
        float[] parameters = checkpoint.state().parameters().values();
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] = Float.MAX_VALUE;
        }
        kept.write(checkpoint);
        Path out = directory.resolve("model.safetensors");
        Result result =
                Commands.run("train", "--resume", checkpoints.toString(), "--epochs", "4", "--out", out.toString());
        assertEquals(5, result.exitCode(), result::toString);
        List<String> lines = result.err().lines().toList();
        assertEquals("the last good checkpoint is " + file(2), lines.get(lines.size() - 2));
        assertTrue(lines.get(lines.size() - 1).startsWith("lenet5: training diverged in epoch 3"), result::toString);
        assertEquals(List.of(file(1), file(2)), written());
        assertFalse(Files.exists(out));
    }

    /** Labels of the validation images differ from those of the training images like them, so its loss rises. */
    @Test
    void patienceEndsTrainingAndKeepsTheBestEpoch() throws IOException {
        Path labels = Path.of(data).resolve("train-labels-idx1-ubyte");
        byte[] content = Files.readAllBytes(labels);
        Path images = Path.of(data).resolve("train-images-idx3-ubyte");
        byte[] pixels = Files.readAllBytes(images);
        int size = 28 * 28;
        for (int held = TinyMnist.TRAIN - 2; held < TinyMnist.TRAIN; held++) {
            System.arraycopy(pixels, 16, pixels, 16 + held * size, size);
            content[8 + held] = 5;
        }
        Files.write(labels, content);
        Files.write(images, pixels);

        Path out = directory.resolve("model.safetensors");
        Result json = start("--json", "--epochs", "90", "--patience", "2", "--out", out.toString());
        List<JsonNode> events = Commands.events(json);
        JsonNode stop = events.get(events.size() - 3);
        Commands.assertFields(stop, "event epoch best_epoch");
        assertEquals("early_stop", stop.get("event").asString());
        int best = stop.get("best_epoch").asInt();
        assertEquals(best + 2, stop.get("epoch").asInt());
        JsonNode model = events.get(events.size() - 2);
        assertEquals(best, model.get("epoch").asInt());

        Path bestOnly = directory.resolve("best.safetensors");
        start("--epochs", Integer.toString(best), "--out", bestOnly.toString());
        assertArrayEquals(Files.readAllBytes(bestOnly), Files.readAllBytes(out));

        Result text = start("--epochs", "90", "--patience", "2", "--out", out.toString());
        assertTrue(text.out().contains("stopped after epoch " + (best + 2)), text::toString);
        assertTrue(text.out().contains("model: " + out + ", the parameters of epoch " + best), text::toString);
    }

    private Result start(String... options) {
        return Commands.succeed(Stream.concat(
                        Stream.of(
                                "train", "--data", data, "--batch-size", "5", "--learning-rate", "0.05", "--seed", "9"),
                        Stream.of(options))
                .toArray(String[]::new));
    }

    private Result resume(String... options) {
        return Commands.succeed(
                Stream.concat(Stream.of("train", "--resume", checkpoints.toString()), Stream.of(options))
                        .toArray(String[]::new));
    }

    private Path file(int epoch) {
        return checkpoints.resolve("epoch-00000" + epoch + ".safetensors");
    }

    private List<Path> written() throws IOException {
        try (Stream<Path> files = Files.list(checkpoints)) {
            return files.sorted().toList();
        }
    }

    private static void truncate(Path file) throws IOException {
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 1000));
    }
}
