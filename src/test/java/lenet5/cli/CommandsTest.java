package lenet5.cli;

import static lenet5.cli.Commands.assertFields;
import static lenet5.cli.Commands.events;
import static lenet5.cli.Commands.fail;
import static lenet5.cli.Commands.run;
import static lenet5.cli.Commands.succeed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

/** The command line that scripts rely on: exit codes, JSON lines, and what goes to which stream. */
class CommandsTest {

    @TempDir
    private Path directory;

    private String data;

    @BeforeEach
    void writeData() throws IOException {
        data = TinyMnist.write(directory.resolve("data")).toString();
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

    private Path train() {
        Path model = directory.resolve("model.safetensors");
        succeed("train", "--data", data, "--device", "cpu", "--epochs", "1", "--out", model.toString());
        return model;
    }
}
