package lenet5.train;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import lenet5.data.Normalization;
import lenet5.io.AtomicFiles;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.nn.Parameter;
import lenet5.nn.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A trained model as a safetensors file: an 8-byte little-endian header length, a JSON header, the data. Tensors carry
 * the names and shapes of {@link Network#parameters()}, which are those of PyTorch's {@code nn.Sequential}; they are
 * float32, little-endian and contiguous in that order. The rest of a {@link Model} is in {@code __metadata__}.
 */
public final class ModelFile {

    private static final int MAX_HEADER = 1 << 20;
    /** Thirty times what ten tensors need; bounds the tree that a hostile header can grow into. */
    private static final int MAX_TOKENS = 10_000;
    /** Data start at a multiple of this, so that a reader can map them. */
    private static final int ALIGNMENT = 8;

    private static final int MAX_QUOTE = 200;

    private static final String METADATA = "__metadata__";
    private static final String FORMAT_VERSION = "1";

    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxTokenCount(MAX_TOKENS)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .build();

    private final Path file;

    private ModelFile(Path file) {
        this.file = file;
    }

    /**
     * Writes {@code model} to {@code file}, which is replaced only by a whole one.
     *
     * @throws IOException if the file cannot be written
     */
    public static void write(Path file, Model model) throws IOException {
        AtomicFiles.write(file, encode(model));
    }

    /**
     * Reads a file that {@link #write} made, or one that agrees with it in every tensor.
     *
     * @throws ModelFileException if the file cannot be read or differs in anything from what its architecture needs
     */
    public static Model read(Path file) {
        return new ModelFile(file).read();
    }

    private static byte[] encode(Model model) {
        byte[] header = JSON.writeValueAsBytes(header(model));
        int padding = Math.floorMod(-header.length, ALIGNMENT);
        float[] values = model.parameters().values();
        ByteBuffer content = ByteBuffer.allocate(Long.BYTES + header.length + padding + values.length * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(header.length + padding)
                .put(header)
                .put(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII));
        content.asFloatBuffer().put(values);
        return content.array();
    }

    private static ObjectNode header(Model model) {
        Network network = model.parameters().network();
        ObjectNode header = JSON.createObjectNode();
        header.putObject(METADATA)
                .put("format_version", FORMAT_VERSION)
                .put("architecture", network.name())
                .put("normalization_mean", Float.toString(model.normalization().mean()))
                .put("seed", Long.toString(model.seed()))
                .put("epochs", Integer.toString(model.epochs()))
                .put("writer", "lenet5-opencl " + version());
        for (Parameter parameter : network.parameters()) {
            header.set(parameter.name(), describe(parameter));
        }
        return header;
    }

    private static String version() {
        return Objects.requireNonNullElse(ModelFile.class.getPackage().getImplementationVersion(), "dev");
    }

    private static ObjectNode describe(Parameter parameter) {
        ObjectNode tensor = JSON.createObjectNode().put("dtype", "F32");
        ArrayNode shape = tensor.putArray("shape");
        parameter.shape().dimensions().forEach(shape::add);
        tensor.putArray("data_offsets").add(parameter.offset() * Float.BYTES).add(parameter.end() * Float.BYTES);
        return tensor;
    }

    private Model read() {
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw fault("not a regular file");
        }
        try (FileChannel channel = FileChannel.open(file)) {
            JsonNode header = readHeader(channel);
            JsonNode metadata = header.path(METADATA);
            Network network = network(metadata);
            requireTensors(network, header);
            float mean = number(metadata, "normalization_mean", Float::valueOf, "a number");
            long seed = number(metadata, "seed", Long::valueOf, "a 64-bit integer");
            int epochs = number(metadata, "epochs", Integer::valueOf, "a 32-bit integer");
            return new Model(readData(channel, network), new Normalization(mean), seed, epochs);
        } catch (IllegalArgumentException e) {
            throw fault(e.getMessage(), e);
        } catch (NoSuchFileException e) {
            throw fault("no such file", e);
        } catch (IOException e) {
            throw fault("cannot be read: " + Objects.requireNonNullElse(e.getMessage(), e.toString()), e);
        }
    }

    private JsonNode readHeader(FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < Long.BYTES) {
            throw fault("found " + size + " bytes, expected at least the " + Long.BYTES + " of a safetensors length");
        }
        long length = readBytes(channel, Long.BYTES).getLong();
        long limit = Math.min(size - Long.BYTES, MAX_HEADER);
        if (length < 0 || length > limit) {
            throw fault("found a header of " + Long.toUnsignedString(length) + " bytes, expected at most " + limit
                    + "; is it a safetensors file?");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(readBytes(channel, (int) length))
                    .toString();
            return requireObject("the header", JSON.readTree(text));
        } catch (CharacterCodingException e) {
            throw fault("the header is not UTF-8", e);
        } catch (JacksonException e) {
            throw fault("the header is not usable JSON: " + abbreviate(e.getOriginalMessage()), e);
        }
    }

    private Network network(JsonNode metadata) {
        requireObject(METADATA, metadata);
        String version = text(metadata, "format_version");
        if (!version.equals(FORMAT_VERSION)) {
            throw unexpected(METADATA + ".format_version", metadata.get("format_version"), quote(FORMAT_VERSION));
        }
        String architecture = text(metadata, "architecture");
        if (!Models.names().contains(architecture)) {
            throw unexpected(
                    METADATA + ".architecture",
                    metadata.get("architecture"),
                    "one of " + new TreeSet<>(Models.names()));
        }
        return Models.named(architecture);
    }

    /** A tensor's whole description follows from the network, so equality is the one check it needs. */
    private void requireTensors(Network network, JsonNode header) {
        Set<String> extra = new TreeSet<>(header.propertyNames());
        extra.remove(METADATA);
        for (Parameter parameter : network.parameters()) {
            JsonNode found = header.path(parameter.name());
            JsonNode expected = describe(parameter);
            if (!found.equals(expected)) {
                throw unexpected("tensor " + parameter.name(), found, quote(expected));
            }
            extra.remove(parameter.name());
        }
        if (!extra.isEmpty()) {
            throw fault("found tensors " + abbreviate(quote(extra)) + ", expected only those of " + network.name());
        }
    }

    private Parameters readData(FileChannel channel, Network network) throws IOException {
        long found = channel.size() - channel.position();
        long expected = (long) network.parameterCount() * Float.BYTES;
        if (found != expected) {
            throw fault("found " + found + " bytes of data, expected the " + expected + " of " + network.name());
        }
        Parameters parameters = new Parameters(network);
        readBytes(channel, (int) expected).asFloatBuffer().get(parameters.values());
        return parameters;
    }

    private <N extends Number> N number(JsonNode metadata, String key, Function<String, N> parse, String expected) {
        try {
            return parse.apply(text(metadata, key));
        } catch (NumberFormatException e) {
            throw unexpected(METADATA + "." + key, metadata.get(key), expected);
        }
    }

    private String text(JsonNode metadata, String key) {
        JsonNode value = metadata.path(key);
        if (!value.isString()) {
            throw unexpected(METADATA + "." + key, value, "a string");
        }
        return value.stringValue();
    }

    private JsonNode requireObject(String what, JsonNode value) {
        if (!value.isObject()) {
            throw unexpected(what, value, "a JSON object");
        }
        return value;
    }

    private static ByteBuffer readBytes(FileChannel channel, int count) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("it ended while it was read");
            }
        }
        return bytes.flip();
    }

    private ModelFileException unexpected(String what, JsonNode found, String expected) {
        String shown = found.isMissingNode() ? "nothing" : abbreviate(quote(found));
        return fault(what + ": found " + shown + ", expected " + expected);
    }

    private ModelFileException fault(String fault) {
        return fault(fault, null);
    }

    private ModelFileException fault(String fault, Throwable cause) {
        return new ModelFileException(file + ": " + fault, cause);
    }

    private static String quote(Object value) {
        return JSON.writeValueAsString(value);
    }

    private static String abbreviate(String text) {
        return text.length() <= MAX_QUOTE ? text : text.substring(0, MAX_QUOTE) + "…";
    }
}
