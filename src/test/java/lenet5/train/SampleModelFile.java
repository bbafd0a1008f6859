package lenet5.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import lenet5.data.Normalization;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.nn.Parameters;

/** A model's file in its two parts, which tests change and put together again. */
record SampleModelFile(String header, byte[] data) {

    static final int DATA = 61_706 * Float.BYTES;

    /** Of lenet5, written to {@code file}. */
    static SampleModelFile write(Path file) throws IOException {
        Parameters parameters = Initializer.glorotUniform(Models.lenet5(), 7);
        ModelFile.write(file, new Model(parameters, new Normalization(0.1f), 42, 20));
        byte[] content = Files.readAllBytes(file);
        return new SampleModelFile(
                new String(content, Long.BYTES, content.length - DATA - Long.BYTES, StandardCharsets.UTF_8),
                Arrays.copyOfRange(content, content.length - DATA, content.length));
    }

    static byte[] compose(String header, byte[] data) {
        return compose(header, data, StandardCharsets.UTF_8);
    }

    static byte[] compose(String header, byte[] data, Charset charset) {
        byte[] encoded = header.getBytes(charset);
        return ByteBuffer.allocate(Long.BYTES + encoded.length + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(encoded.length)
                .put(encoded)
                .put(data)
                .array();
    }
}
