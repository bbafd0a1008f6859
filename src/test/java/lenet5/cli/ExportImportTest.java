package lenet5.cli;

import static lenet5.cli.Commands.events;
import static lenet5.cli.Commands.fail;
import static lenet5.cli.Commands.succeed;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import lenet5.ChildJvm;
import lenet5.data.Normalization;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.train.Model;
import lenet5.train.ModelFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** What {@code export} and {@code import} leave on disk and tell; the formats have tests of their own. */
class ExportImportTest {

    @TempDir
    private Path directory;

    private Path file;
    private Model model;

    @BeforeEach
    void writeModel() throws IOException {
        file = directory.resolve("digits.safetensors");
        model = new Model(Initializer.glorotUniform(Models.lenet5(), 1), new Normalization(0.1f), 1, 20);
        ModelFile.write(file, model);
    }

    @ParameterizedTest
    @CsvSource({
        "onnx, digits.onnx",
        "ONNX, digits.onnx",
        "keras, digits.keras",
        "safetensors, digits-pytorch.safetensors"
    })
    void anExportLiesBesideTheModel(String format, String name) throws IOException {
        ChildJvm.Result text = succeed("export", file.toString(), "--format", format);
        Path exported = directory.resolve(name);
        long bytes = Files.size(exported);
        assertTrue(text.out().startsWith(exported + " written, "), text::toString);
        assertEquals(List.of(file, exported).stream().sorted().toList(), files());

        JsonNode event = events(succeed("export", file.toString(), "--format", format, "--json"))
                .get(0);
        assertEquals("export", event.get("event").asString());
        assertEquals(exported.toString(), event.get("file").asString());
        assertEquals(format.toLowerCase(Locale.ROOT), event.get("format").asString());
        assertEquals(bytes, event.get("bytes").asLong(), 100); // a Keras archive has a date
    }

    @Test
    void anImportOfAnExportIsTheModel() {
        Path exported = directory.resolve("torch.safetensors");
        succeed("export", file.toString(), "--format", "safetensors", "--out", exported.toString());
        JsonNode event =
                events(succeed("import", exported.toString(), "--json")).get(0);

        Path imported = directory.resolve("torch-imported.safetensors");
        assertEquals("import", event.get("event").asString());
        assertEquals(imported.toString(), event.get("file").asString());
        assertEquals("lenet5", event.get("model").asString());
        Model read = ModelFile.read(imported);
        assertArrayEquals(model.parameters().values(), read.parameters().values());
        assertEquals(model.normalization(), read.normalization());
    }

    @Test
    void theMeanIsAsTyped() {
        Path out = directory.resolve("out.safetensors");
        ChildJvm.Result result = succeed("import", file.toString(), "--mean", "0.25", "--out", out.toString());
        assertEquals(out + " written, lenet5 with mean 0.25", result.out().strip());
        assertEquals(new Normalization(0.25f), ModelFile.read(out).normalization());
    }

    @Test
    void whatIsWrongIsTold() throws IOException {
        String garbage =
                Files.writeString(directory.resolve("garbage.bin"), "garbage").toString();
        String nowhere = directory.resolve("nowhere/model.onnx").toString();
        fail(4, garbage + ": found 7 bytes, expected at least the 8", "export", garbage, "--format", "onnx");
        fail(4, garbage + ": found 7 bytes, expected at least the 8", "import", garbage);
        fail(1, nowhere + " cannot be written", "export", file.toString(), "--format", "onnx", "--out", nowhere);
        fail(1, nowhere + " cannot be written", "import", file.toString(), "--out", nowhere);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "export model.safetensors | Missing required option: '--format=FORMAT'",
                "export model.safetensors --format caffe | expected one of [onnx, safetensors, keras]",
                "export --format onnx | Missing required parameter: 'MODEL'",
                "import | Missing required parameter: 'FILE'",
                "import model.safetensors --model lenet6 | unknown model 'lenet6', expected one of [",
                "import model.safetensors --mean bright | 'bright' is not a float",
                "import model.safetensors --mean NaN | --mean NaN, expected a finite number",
            })
    void wrongUsageIsTold(String command, String reason) {
        ChildJvm.Result result = Commands.run(command.split(" "));
        assertEquals(2, result.exitCode(), result::toString);
        assertEquals("", result.out());
        assertTrue(result.err().lines().findFirst().orElse("").contains(reason), result::toString);
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }
}
