package lenet5.train;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import lenet5.nn.Shape;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The container of model and checkpoint files: an 8-byte little-endian header length, a JSON header, the data. The header
 * describes each tensor; strings for everything else are in its {@code __metadata__}. {@link SafetensorsFile} reads it.
 */
final class Safetensors {

    /**
     * A tensor's description; tensors lie in the data one after the other, little-endian.
     *
     * @param name unique in its file
     * @param type of the elements
     */
    record Tensor(String name, Type type, Shape shape) {

        int bytes() {
            return Math.multiplyExact(shape.size(), type.bytes);
        }
    }

    /** Element types under the format's own names. */
    enum Type {
        F32(Float.BYTES),
        F64(Double.BYTES);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }
    }

    static final int MAX_HEADER = 1 << 20;
    /** Ten times what the tensors of a checkpoint need; bounds the tree that a hostile header can grow into. */
    private static final int MAX_TOKENS = 10_000;
    /** Data start at a multiple of this, so that a reader can map them. */
    private static final int ALIGNMENT = 8;

    private static final int MAX_QUOTE = 200;

    static final String METADATA = "__metadata__";

    static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxTokenCount(MAX_TOKENS)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    private Safetensors() {}

    /** A whole file with {@code data}, which hold {@code tensors} in their order. */
    static byte[] encode(Map<String, String> metadata, List<Tensor> tensors, ByteBuffer data) {
        ObjectNode header = JSON.createObjectNode();
        ObjectNode texts = header.putObject(METADATA);
        metadata.forEach(texts::put);
        describe(tensors).properties().forEach(tensor -> header.set(tensor.getKey(), tensor.getValue()));
        byte[] encoded = JSON.writeValueAsBytes(header);
        int padding = Math.floorMod(-encoded.length, ALIGNMENT);
        return ByteBuffer.allocate(Long.BYTES + encoded.length + padding + data.remaining())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(encoded.length + padding)
                .put(encoded)
                .put(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII))
                .put(data)
                .array();
    }

    /** Room for the data of {@code tensors}. */
    static ByteBuffer allocate(List<Tensor> tensors) {
        return ByteBuffer.allocate(bytes(tensors)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Of the data of {@code tensors}. */
    static int bytes(List<Tensor> tensors) {
        return tensors.stream().mapToInt(Tensor::bytes).reduce(0, Math::addExact);
    }

    /** What the header says of {@code tensors}. */
    static ObjectNode describe(List<Tensor> tensors) {
        ObjectNode described = JSON.createObjectNode();
        int offset = 0;
        for (Tensor tensor : tensors) {
            ObjectNode entry = described
                    .putObject(tensor.name())
                    .put("dtype", tensor.type().name());
            ArrayNode shape = entry.putArray("shape");
            tensor.shape().dimensions().forEach(shape::add);
            entry.putArray("data_offsets").add(offset).add(offset + tensor.bytes());
            offset += tensor.bytes();
        }
        return described;
    }

    /** The most bytes that a file of {@code tensors} has. */
    static int maxBytes(List<Tensor> tensors) {
        return Long.BYTES + MAX_HEADER + bytes(tensors);
    }

    /** {@code value} as JSON in ASCII. */
    static String quote(Object value) {
        return JSON.writeValueAsString(value);
    }

    /** The beginning of what may be long. */
    static String abbreviate(String text) {
        return text.length() <= MAX_QUOTE ? text : text.substring(0, MAX_QUOTE) + "…";
    }
}
