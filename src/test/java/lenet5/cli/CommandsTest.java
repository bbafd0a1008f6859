package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lenet5.ChildJvm.Result;
import lenet5.data.TinyMnist;
import lenet5.nn.Models;
import lenet5.opencl.Device;
import lenet5.opencl.TestDevice;
import lenet5.opencl.fused.FusedEngines;
import lenet5.opencl.fused.Variant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command line that scripts rely on: exit codes, JSON lines, and what goes to which stream. */
class CommandsTest {

    private static final JsonMapper JSON = new JsonMapper();

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
    void evaluateGivesTheTrainedModelsFigures() {
        Path model = train();
        JsonNode trained = events(succeed("train", "--json", "--data", data, "--device", "cpu", "--epochs", "1"))
                .get(2);
        JsonNode evaluated = events(succeed("evaluate", model.toString(), "--json", "--data", data, "--device", "cpu"))
                .get(0);
        assertEquals("test", evaluated.get("event").asString());
        for (String figure : List.of("accuracy", "correct", "total", "error_rate")) {
            assertEquals(trained.get(figure), evaluated.get(figure), figure);
        }
        assertEquals(trained.get("loss").asDouble(), evaluated.get("loss").asDouble(), 1e-6);
    }

    @Test
    void devicesListsWhatTheDriversOffer() {
        Device device = TestDevice.device();
        List<JsonNode> events = events(succeed("devices", "--json"));
        JsonNode best = events.get(0);
        assertEquals("device", best.get("event").asString());
        assertEquals(device.facts().name(), best.get("facts").get("name").asString());
        assertEquals(device.facts().type() == Device.Type.GPU, best.get("auto").asBoolean());
        JsonNode auto = events.get(events.size() - 1);
        assertFields(auto, "event device reason problems");
        assertEquals(
                device.facts().type() == Device.Type.GPU ? device.toString() : "cpu",
                auto.get("device").asString());
        assertTrue(succeed("devices").out().contains(device.facts().name()));
    }

    @Test
    void devicesWritesWhatTheDriversAreGiven() throws IOException {
        Device device = TestDevice.device();
        Path kernels = directory.resolve("kernels");
        String messages = succeed("devices", "--kernels", kernels.toString()).err();
        Variant fastest = FusedEngines.programs(device, Models.lenet5(), 32)
                .keySet()
                .iterator()
                .next();
        try (Stream<Path> files = Files.walk(kernels)) {
            Path file = files.filter(path -> path.endsWith(fastest + ".cl"))
                    .findFirst()
                    .orElseThrow();
            assertTrue(Files.readString(file).contains("void step_weights("), file::toString);
            assertTrue(messages.contains(file + " written"), messages);
        }
    }

    @Test
    void withoutACommandItTrains() {
        Result result = succeed("--data", data, "--device", "cpu", "--epochs", "1");
        assertTrue(result.out().contains("epoch  1/1"), result::toString);
        assertTrue(result.out().contains("test accuracy "), result::toString);
        assertTrue(result.out().contains(" of " + TinyMnist.TEST + "), error rate "), result::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "train", "evaluate", "predict", "export", "import", "devices", "completion"})
    void helpSaysHowACommandIsUsed(String command) {
        Result result = command.isEmpty() ? succeed("--help") : succeed(command, "--help");
        assertTrue(result.out().startsWith(("Usage: lenet5 " + command).strip()), result::toString);
        assertEquals("", result.err());
    }

    /** Told before data is looked for, which may mean a download. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "train --no-such-option                  | Unknown option: '--no-such-option'",
                "no-such-command                         | Unmatched arguments from index 0: 'no-such-command'",
                "train --epochs 0                        | epochs 0, expected 1 to 100000",
                "train --epochs many                     | 'many' is not an int",
                "train --batch-size 0                    | batch size 0, expected 1 to 65536",
                "train --learning-rate -1                | learning rate -1.0, expected a positive number",
                "train --model lenet6                    | unknown model 'lenet6'",
                "train --engine nonsense                 | expected one of [auto, reference, simd, layered, fused]",
                "train --device cpu --engine layered     | --engine layered does not run on --device cpu",
                "train --engine simd --variant images    | --variant images is of --engine fused, not of --engine simd",
                "train --device cpu --variant images     | --variant images does not run on --device cpu",
                "train --device cpu --engine fused       | --engine fused does not run on --device cpu",
                "train --device opencl --engine reference| --engine reference does not run on --device opencl",
                "train --engine reference --profile      | --profile does not go with --engine reference",
                "evaluate                                | Missing required parameter: 'MODEL'",
                "predict model.safetensors - -           | - is given more than once",
                "predict model.safetensors               | Missing required parameter: 'IMAGE'"
            })
    void wrongUsageIsTold(String command, String reason) {
        boolean takesData = !command.startsWith("predict");
        Result result = run((command + (takesData ? " --data nowhere" : "")).split(" "));
        assertEquals(2, result.exitCode(), result::toString);
        assertEquals("", result.out());
        assertTrue(result.err().lines().findFirst().orElse("").contains(reason), result::toString);
    }

    @Test
    void aDeviceThatIsNotThereIsNeverReplaced() {
        fail(3, "no device for --device abacus", "train", "--data", "nowhere", "--device", "abacus");
    }

    @Test
    void badDataIsNamed() throws IOException {
        String missing = directory.resolve("nothing").toString();
        fail(4, missing, "train", "--data", missing);
        Files.write(directory.resolve("data/train-labels-idx1-ubyte"), new byte[9]);
        fail(4, "train-labels-idx1-ubyte", "train", "--data", data);
    }

    @Test
    void badModelsAndPicturesAreNamed() throws IOException {
        Path garbage = Files.writeString(directory.resolve("garbage.safetensors"), "garbage");
        fail(4, "garbage.safetensors", "evaluate", garbage.toString(), "--data", data);
        fail(
                4,
                "nothing.safetensors",
                "predict",
                directory.resolve("nothing.safetensors").toString(),
                "picture.png");
        fail(4, "garbage.safetensors", "predict", train().toString(), garbage.toString(), "--device", "cpu");
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

    private Path train() {
        Path model = directory.resolve("model.safetensors");
        succeed("train", "--data", data, "--device", "cpu", "--epochs", "1", "--out", model.toString());
        return model;
    }

    static List<JsonNode> events(Result result) {
        return result.out().lines().map(JSON::readTree).toList();
    }

    static void assertFields(JsonNode event, String fields) {
        assertEquals(new TreeSet<>(Set.of(fields.split(" "))), new TreeSet<>(event.propertyNames()));
    }

    static Result succeed(String... arguments) {
        Result result = run(arguments);
        assertEquals(0, result.exitCode(), result::toString);
        return result;
    }

    /** Runs a command that is to end with {@code code}, one line that contains {@code reason}, and nothing done. */
    static void fail(int code, String reason, String... arguments) {
        Result result = run(arguments);
        assertEquals(code, result.exitCode(), result::toString);
        assertEquals("", result.out());
        String last = result.err().lines().reduce("", (first, second) -> second);
        assertTrue(last.startsWith("lenet5: ") && last.contains(reason), result::toString);
    }

    static Result run(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        try {
            int exitCode = RootCommand.run(arguments);
            Result result = new Result(
                    exitCode, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
            assertFalse(result.err().contains("\tat "), result::toString);
            return result;
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
