package lenet5.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import lenet5.data.Normalization;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.nn.Parameter;
import lenet5.nn.Parameters;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files as the safetensors package writes them for PyTorch: tensors in alphabetical order, other metadata or none. */
class PyTorchStateTest {

    private static final String PYTORCH = "\"__metadata__\":{\"format\":\"pt\"},";

    @TempDir
    private Path directory;

    private Path file;
    private Parameters parameters;

    @BeforeEach
    void prepare() {
        file = directory.resolve("torch.safetensors");
        parameters = Initializer.glorotUniform(Models.lenet5(), 5);
        parameters.values()[160] = 0.25f;
    }

    @Test
    void everyTensorFindsItsPlace() throws IOException {
        for (String metadata : List.of(PYTORCH, "")) {
            write("{" + metadata + tensors() + "}");
            Model model = read(Optional.empty());
            assertArrayEquals(parameters.values(), model.parameters().values());
            assertEquals(new Normalization(0), model.normalization());
            assertEquals(0, model.epochs());
        }
    }

    @Test
    void theMeanIsTheCallersElseTheFiles() throws IOException {
        write("{\"__metadata__\":{\"format\":\"pt\",\"normalization_mean\":\"0.13\"}," + tensors() + "}");
        assertEquals(new Normalization(0.13f), read(Optional.empty()).normalization());
        assertEquals(
                new Normalization(0.5f),
                read(Optional.of(new Normalization(0.5f))).normalization());
    }

    @Test
    void aModelFileIsAStateToo() throws IOException {
        ModelFile.write(file, new Model(parameters, new Normalization(0.1f), 3, 4));
        Model model = read(Optional.empty());
        assertArrayEquals(parameters.values(), model.parameters().values());
        assertEquals(new Normalization(0.1f), model.normalization());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "`0.weight` | `conv1.weight` | found tensors [`0.bias`,`11.bias`,`11.weight`,",
                "`0.weight` | `conv1.weight` | expected 0.weight, 0.bias, 3.weight,",
                "`F32`,`shape`:[6] | `F64`,`shape`:[6] | tensor 0.bias: found {`dtype`:`F64`",
                "[6,1,5,5] | [6,5,5,1] | tensor 0.weight: found {`dtype`:`F32`,`shape`:[6,5,5,1]",
                "[120,400] | [400,120] | tensor 7.weight: found {`dtype`:`F32`,`shape`:[400,120]",
                "[0,24] | [4,28] | tensor 0.bias",
                "[24,624] | [0,600] | tensor 0.bias: found {`dtype`:`F32`,`shape`:[6],`data_offsets`:[0,24]}, expected",
                "[0,24] | [`0`,24] | tensor 0.bias",
                "`0.bias`: | `12.bias`:7,`0.bias`: | found tensors [`12.bias`], expected only those of lenet5",
                "`pt` | `pt`,`normalization_mean`:`bright` | __metadata__.normalization_mean: found `bright`",
                "`pt` | `pt`,`normalization_mean`:`NaN` | normalization mean: found NaN, expected a finite number",
                "`pt` | `pt`,`normalization_mean`:[] | __metadata__.normalization_mean: found [], expected a string",
            })
    void whatIsNotTheNetworksIsRefused(String part, String edited, String expected) throws IOException {
        String header = "{" + PYTORCH + tensors() + "}";
        assertTrue(header.contains(quoted(part)), header);
        write(header.replace(quoted(part), quoted(edited)));
        String message = assertThrows(ModelFileException.class, () -> read(Optional.empty()))
                .getMessage();
        assertTrue(message.startsWith(file + ": "), message);
        assertTrue(message.contains(quoted(expected)), message);
    }

    private Model read(Optional<Normalization> normalization) {
        return ModelFile.readState(file, Models.lenet5(), normalization);
    }

    private List<Parameter> alphabetical() {
        return parameters.network().parameters().stream()
                .sorted(Comparator.comparing(Parameter::name))
                .toList();
    }

    private String tensors() {
        int[] end = {0};
        return alphabetical().stream()
                .map(parameter -> {
                    int begin = end[0];
                    end[0] += 4 * parameter.shape().size();
                    String shape = parameter.shape().dimensions().toString().replace(" ", "");
                    return quoted("`%s`:{`dtype`:`F32`,`shape`:%s,`data_offsets`:[%d,%d]}"
                            .formatted(parameter.name(), shape, begin, end[0]));
                })
                .collect(Collectors.joining(","));
    }

    private void write(String header) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        content.writeBytes(littleEndian(8).putLong(text.length).array());
        content.writeBytes(text);
        for (Parameter parameter : alphabetical()) {
            ByteBuffer bytes = littleEndian(4 * parameter.shape().size());
            bytes.asFloatBuffer().put(parameters.view(parameter));
            content.writeBytes(bytes.array());
        }
        Files.write(file, content.toByteArray());
    }

    private static ByteBuffer littleEndian(int length) {
        return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The table writes JSON's quotes as backticks. */
    private static String quoted(String cell) {
        return cell.replace('`', '"');
    }
}
