package lenet5.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import lenet5.data.Normalization;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.nn.Parameters;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read; other files: {@link DamagedModelFileTest}. */
class ModelFileTest {

    @TempDir
    Path directory;

    private Path file;
    private String header;

    @BeforeEach
    void writeModel() throws IOException {
        file = directory.resolve("digits.safetensors");
        header = SampleModelFile.write(file).header();
    }

    @Test
    void everyBitComesBack() throws IOException {
        Parameters parameters = Initializer.glorotUniform(Models.lenet5(), 3);
        float[] edges = {-0.0f, Float.MIN_VALUE, -Float.MAX_VALUE, Math.nextUp(1.0f)};
        System.arraycopy(edges, 0, parameters.values(), 0, edges.length);
        Model written = new Model(parameters, new Normalization(Math.nextUp(0.13f)), Long.MIN_VALUE, Integer.MAX_VALUE);

        ModelFile.write(file, written);
        Model read = ModelFile.read(file);

        assertArrayEquals(bits(written), bits(read));
        assertEquals(written.normalization(), read.normalization());
        assertEquals(written.seed(), read.seed());
        assertEquals(written.epochs(), read.epochs());
        assertEquals("lenet5", read.parameters().network().name());
    }

    @Test
    void bytesAndStreamsHoldWhatAFileHolds() throws IOException {
        byte[] content = Files.readAllBytes(file);
        Model model = ModelFile.read(file);
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        ModelFile.write(out, model);

        assertArrayEquals(content, out.toByteArray());
        assertArrayEquals(content, ModelFile.encode(model));
        InputStream stream = new ByteArrayInputStream(content);
        for (Model read : List.of(ModelFile.decode("bytes", content), ModelFile.read("stream", stream))) {
            assertArrayEquals(bits(model), bits(read));
            assertEquals(model.normalization(), read.normalization());
            assertEquals(42, read.seed());
            assertEquals(20, read.epochs());
        }
    }

    @Test
    void aCheckpointsBytesAreAModel() throws IOException {
        Checkpoint checkpoint = SampleCheckpoint.after(SampleCheckpoint.BEST);
        CheckpointFile.write(file, checkpoint);

        Model read = ModelFile.decode("checkpoint", Files.readAllBytes(file));

        assertArrayEquals(
                checkpoint.state().parameters().values(), read.parameters().values());
    }

    @Test
    void anEndlessStreamIsRefused() {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return ' ';
            }
        };
        // 1 MiB of header; the parameters twice and 64 bytes for each of 100,000 epochs
        int limit = Long.BYTES + (1 << 20) + 2 * SampleModelFile.DATA + 6_400_000;
        assertEquals(
                "drawer: found more than " + limit + " bytes, expected at most that many",
                assertThrows(ModelFileException.class, () -> ModelFile.read("drawer", endless))
                        .getMessage());
    }

    @Test
    void aStreamThatFailsIsNamed() {
        InputStream failing = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the line is dead");
            }
        };
        assertEquals(
                "wire: cannot be read: the line is dead",
                assertThrows(ModelFileException.class, () -> ModelFile.read("wire", failing))
                        .getMessage());
    }

    @Test
    void theLayoutIsSafetensors() throws IOException {
        String expected = """
                {"__metadata__":{"format_version":"1","architecture":"lenet5","normalization_mean":"0.1","seed":"42",\
                "epochs":"20","writer":"lenet5-opencl dev"},\
                "0.weight":{"dtype":"F32","shape":[6,1,5,5],"data_offsets":[0,600]},\
                "0.bias":{"dtype":"F32","shape":[6],"data_offsets":[600,624]},\
                "3.weight":{"dtype":"F32","shape":[16,6,5,5],"data_offsets":[624,10224]},\
                "3.bias":{"dtype":"F32","shape":[16],"data_offsets":[10224,10288]},\
                "7.weight":{"dtype":"F32","shape":[120,400],"data_offsets":[10288,202288]},\
                "7.bias":{"dtype":"F32","shape":[120],"data_offsets":[202288,202768]},\
                "9.weight":{"dtype":"F32","shape":[84,120],"data_offsets":[202768,243088]},\
                "9.bias":{"dtype":"F32","shape":[84],"data_offsets":[243088,243424]},\
                "11.weight":{"dtype":"F32","shape":[10,84],"data_offsets":[243424,246784]},\
                "11.bias":{"dtype":"F32","shape":[10],"data_offsets":[246784,246824]}}""";
        assertEquals(expected, header.stripTrailing());
        ByteBuffer content = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertEquals(header.length(), content.getLong(0));
        assertEquals(0, header.length() % 8);
        float first = Initializer.glorotUniform(Models.lenet5(), 7).values()[0];
        assertEquals(first, content.getFloat(Long.BYTES + header.length()));
    }

    @Test
    void anExistingFileIsReplacedAndNothingIsLeftBeside() throws IOException {
        ModelFile.write(file, new Model(new Parameters(Models.lenet5()), new Normalization(0), 1, 1));

        assertEquals(1, ModelFile.read(file).seed());
        try (Stream<Path> entries = Files.list(directory)) {
            assertEquals(List.of(file), entries.toList());
        }
    }

    private static int[] bits(Model model) {
        float[] values = model.parameters().values();
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }
}
