package lenet5.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A checkpoint that is changed and then given a checksum that fits, as only somebody hostile does. */
public final class ForgedCheckpoint {

    private static final JsonMapper JSON = new JsonMapper();

    /** The header, to be changed. */
    public final ObjectNode header;

    /** The data, little-endian, to be changed. */
    public final ByteBuffer data;

    /** A copy of {@code checkpoint}. */
    public ForgedCheckpoint(Path checkpoint) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(checkpoint)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] encoded = new byte[(int) file.getLong()];
        file.get(encoded);
        header = (ObjectNode) JSON.readTree(new String(encoded, StandardCharsets.UTF_8));
        data = file.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The strings of the header. */
    public ObjectNode metadata() {
        return (ObjectNode) header.get("__metadata__");
    }

    /** Replaces a part of the run's JSON. */
    public ForgedCheckpoint run(String part, String by) {
        String run = metadata().get(CheckpointFile.RUN).stringValue();
        if (!run.contains(part)) {
            throw new AssertionError(part + " is not in " + run);
        }
        metadata().put(CheckpointFile.RUN, run.replace(part, by));
        return this;
    }

    /** The file, signed again. */
    public byte[] bytes() {
        Map<String, String> texts = new LinkedHashMap<>();
        metadata()
                .properties()
                .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asString()));
        texts.remove(CheckpointFile.CHECKSUM);
        metadata().put(CheckpointFile.CHECKSUM, CheckpointFile.checksum(texts, data.rewind()));
        byte[] encoded = JSON.writeValueAsBytes(header);
        return ByteBuffer.allocate(Long.BYTES + encoded.length + data.remaining())
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(encoded.length)
                .put(encoded)
                .put(data)
                .array();
    }
}
