package lenet5.cli;

import static lenet5.cli.Commands.assertFields;
import static lenet5.cli.Commands.events;
import static lenet5.cli.Commands.fail;
import static lenet5.cli.Commands.run;
import static lenet5.cli.Commands.succeed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import lenet5.ChildJvm.Result;
import lenet5.data.TinyMnist;
import lenet5.opencl.TestDevice;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What training prints and writes, and when it does not begin. */
class TrainCommandTest {

    @TempDir
    private Path directory;

    private String data;

    @BeforeEach
    void writeData() throws IOException {
        data = TinyMnist.write(directory.resolve("data")).toString();
    }

    @Test
    void trainPrintsOneEventALine() {
        Result result = succeed("train", "--json", "--data", data, "--device", "cpu", "--epochs", "2", "--seed", "7");
        List<JsonNode> events = events(result);
        assertEquals(
                List.of("start", "epoch", "epoch", "test"),
                events.stream().map(event -> event.get("event").asString()).toList());

        JsonNode start = events.get(0);
        assertFields(
                start,
                "event device engine variant model data train validation test parameters epochs batch_size learning_rate seed"
                        + " augment");
        assertTrue(start.get("variant").isNull(), "only the fused engine has variants");
        assertEquals("lenet5", start.get("model").asString());
        assertEquals(data, start.get("data").asString());
        assertEquals(
                TinyMnist.TRAIN,
                start.get("train").asInt() + start.get("validation").asInt());
        assertEquals(TinyMnist.TEST, start.get("test").asInt());
        assertEquals(61_706, start.get("parameters").asInt());
        assertEquals(2, start.get("epochs").asInt());
        assertEquals(7, start.get("seed").asInt());

        for (int epoch = 1; epoch <= 2; epoch++) {
            JsonNode event = events.get(epoch);
            assertFields(
                    event,
                    "event epoch train_loss train_accuracy validation_loss validation_accuracy train_seconds"
                            + " validation_seconds images_per_second");
            assertEquals(epoch, event.get("epoch").asInt());
            double seconds = event.get("train_seconds").asDouble();
            double images = start.get("train").asInt();
            assertEquals(images / seconds, event.get("images_per_second").asDouble(), 1e-6 * images / seconds);
        }
        assertTrue(
                events.get(2).get("train_loss").asDouble()
                        < events.get(1).get("train_loss").asDouble(),
                result::toString);

        JsonNode test = events.get(3);
        assertFields(test, "event loss accuracy error_rate correct total seconds");
        assertEquals(TinyMnist.TEST, test.get("total").asInt());
        double accuracy = test.get("correct").asDouble() / TinyMnist.TEST;
        assertEquals(accuracy, test.get("accuracy").asDouble(), 1e-12);
        assertEquals(1 - accuracy, test.get("error_rate").asDouble(), 1e-12);
    }

    @Test
    void theFusedEnginesVariantCanBeChosen() {
        List<JsonNode> events = events(succeed(
                "train",
                "--json",
                "--data",
                data,
                "--epochs",
                "1",
                "--device",
                TestDevice.device().facts().name(),
                "--variant",
                "shares",
                "--profile"));
        assertEquals("fused", events.get(0).get("engine").asString());
        assertEquals(
                3, events.get(events.size() - 1).get("step").get("launches").asInt());
    }

    @Test
    void theFusedEngineTrainsAndIsProfiled() {
        String device = TestDevice.device().facts().name();
        List<JsonNode> events = events(succeed(
                "train",
                "--json",
                "--data",
                data,
                "--epochs",
                "1",
                "--device",
                device,
                "--variant",
                "images",
                "--profile"));
        assertEquals("fused", events.get(0).get("engine").asString());
        JsonNode footprint = events.get(events.size() - 1);
        assertEquals("footprint", footprint.get("event").asString());
        assertEquals("images", events.get(0).get("variant").asString());
        assertEquals(
                Set.of("step_images", "step_weights", "evaluate_images"),
                events.stream()
                        .filter(event -> event.get("event").asString().equals("profile"))
                        .map(event -> event.get("activity").asString())
                        .collect(Collectors.toSet()));
    }

    @Test
    void theCpuEngineTellsWhereItsTimeWent() {
        List<JsonNode> events =
                events(succeed("train", "--json", "--data", data, "--epochs", "1", "--engine", "simd", "--profile"));
        List<JsonNode> rows = events.stream()
                .filter(event -> event.get("event").asString().equals("profile"))
                .toList();
        assertEquals(
                1, rows.stream().mapToDouble(row -> row.get("share").asDouble()).sum(), 1e-6);
        JsonNode row = rows.stream()
                .filter(one -> one.get("activity").asString().equals("3 Conv5x5[maps=16], tanh backward"))
                .findFirst()
                .orElseThrow();
        assertTrue(row.get("gigaflops").asDouble() > 0);
    }

    @Test
    void augmentTrainsOnOtherImages() {
        List<JsonNode> plain = events(succeed("train", "--json", "--data", data, "--device", "cpu", "--epochs", "1"));
        List<JsonNode> augmented =
                events(succeed("train", "--json", "--data", data, "--device", "cpu", "--epochs", "1", "--augment"));
        assertFalse(plain.get(0).get("augment").asBoolean());
        assertTrue(augmented.get(0).get("augment").asBoolean());
        assertNotEquals(plain.get(1).get("train_loss"), augmented.get(1).get("train_loss"));
    }

    @Test
    void aModelThatCannotBeWrittenIsToldBeforeTraining() {
        Path out = directory.resolve("nowhere/model.safetensors");
        fail(1, "--out " + out, "train", "--json", "--data", data, "--device", "cpu", "--out", out.toString());
        fail(1, "--out " + directory, "train", "--data", data, "--device", "cpu", "--out", directory.toString());
    }

    @Test
    void divergedTrainingWritesNoModel() {
        Path out = directory.resolve("model.safetensors");
        Result result =
                run("train", "--data", data, "--device", "cpu", "--learning-rate", "1e30", "--out", out.toString());
        assertEquals(5, result.exitCode(), result::toString);
        assertTrue(result.err().contains("lenet5: "), result::toString);
        assertFalse(Files.exists(out));
    }
}
