package lenet5.train;

import static lenet5.train.Safetensors.MAX_HEADER;
import static lenet5.train.Safetensors.METADATA;
import static lenet5.train.Safetensors.abbreviate;
import static lenet5.train.Safetensors.bytes;
import static lenet5.train.Safetensors.describe;
import static lenet5.train.Safetensors.quote;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import lenet5.train.Safetensors.Tensor;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A {@link Safetensors} file being read, whose faults become {@link ModelFileException}s that name it. */
final class SafetensorsFile {

    private final String name;
    private final InputStream content;
    private long unread;
    private final JsonNode header;
    private final JsonNode metadata;

    private SafetensorsFile(String name, InputStream content, long size) throws IOException {
        this.name = name;
        this.content = content;
        this.unread = size;
        this.header = readHeader();
        this.metadata = header.path(METADATA);
    }

    /**
     * What {@code content} makes of a file.
     *
     * @throws ModelFileException if it cannot be read, or {@code content} refuses it; so becomes, with the file's name, an
     *     {@link IllegalArgumentException} of {@code content}
     */
    static <T> T read(Path file, Content<T> content) {
        return naming(file.toString(), () -> {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new IllegalArgumentException("not a regular file");
            }
            try (FileChannel channel = FileChannel.open(file)) {
                InputStream stream = Channels.newInputStream(channel);
                return content.of(new SafetensorsFile(file.toString(), stream, channel.size()));
            } catch (NoSuchFileException e) {
                throw new IllegalArgumentException("no such file", e);
            }
        });
    }

    /** As the other {@code read}, of all that comes from {@code stream}, which may be {@code limit} bytes. */
    static <T> T read(String name, InputStream stream, int limit, Content<T> content) {
        return naming(name, () -> {
            byte[] bytes = stream.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw new IllegalArgumentException("found more than " + limit + " bytes, expected at most that many");
            }
            return content.of(new SafetensorsFile(name, new ByteArrayInputStream(bytes), bytes.length));
        });
    }

    private static <T> T naming(String name, Reading<T> reading) {
        try {
            return reading.read();
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(name + ": " + e.getMessage(), e);
        } catch (IOException e) {
            String reason = Objects.requireNonNullElse(e.getMessage(), e.toString());
            throw new ModelFileException(name + ": cannot be read: " + reason, e);
        }
    }

    @FunctionalInterface
    private interface Reading<T> {
        T read() throws IOException;
    }

    /** Makes something of a file while it is open. */
    @FunctionalInterface
    interface Content<T> {
        T of(SafetensorsFile open) throws IOException;
    }

    private JsonNode readHeader() throws IOException {
        if (unread < Long.BYTES) {
            throw fault("found " + unread + " bytes, expected at least the " + Long.BYTES + " of a safetensors length");
        }
        long length = readBytes(Long.BYTES).getLong();
        long limit = Math.min(unread, MAX_HEADER);
        if (length < 0 || length > limit) {
            throw fault("found a header of " + Long.toUnsignedString(length) + " bytes, expected at most " + limit
                    + "; is it a safetensors file?");
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(readBytes((int) length))
                    .toString();
            return requireObject("the header", Safetensors.JSON.readTree(text));
        } catch (CharacterCodingException e) {
            throw fault("the header is not UTF-8");
        } catch (JacksonException e) {
            throw fault("the header is not usable JSON: " + abbreviate(e.getOriginalMessage()));
        }
    }

    /** Whether the metadata have {@code key}. */
    boolean has(String key) {
        return metadata.has(key);
    }

    /** The metadata's string under {@code key}. */
    String text(String key) {
        JsonNode value = requireObject(METADATA, metadata).path(key);
        if (!value.isString()) {
            throw unexpected(METADATA + "." + key, value, "a string");
        }
        return value.stringValue();
    }

    /** The metadata, in the file's order. */
    Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        requireObject(METADATA, metadata).propertyNames().forEach(key -> texts.put(key, text(key)));
        return texts;
    }

    /** The metadata's string under {@code key} as a number; {@code expected} says which. */
    <N extends Number> N number(String key, Function<String, N> parse, String expected) {
        try {
            return parse.apply(text(key));
        } catch (NumberFormatException e) {
            throw unexpected(key, expected);
        }
    }

    /** {@code expected} in the order in which the file has their data. */
    List<Tensor> inFileOrder(List<Tensor> expected) {
        List<String> names = expected.stream().map(Tensor::name).toList();
        if (!header.propertyNames().containsAll(names)) {
            throw fault("found tensors " + abbreviate(quote(tensorNames())) + ", expected " + String.join(", ", names));
        }
        return expected.stream()
                .sorted(Comparator.comparingLong(tensor ->
                        header.path(tensor.name()).path("data_offsets").path(0).asLong(0)))
                .toList();
    }

    private Set<String> tensorNames() {
        Set<String> names = new TreeSet<>(header.propertyNames());
        names.remove(METADATA);
        return names;
    }

    /**
     * The data, little-endian, which must hold {@code expected} and nothing else. A tensor's description follows from its
     * place, so equality is the one check it needs.
     *
     * @param whose what needs these tensors
     */
    ByteBuffer data(List<Tensor> expected, String whose) throws IOException {
        Set<String> extra = tensorNames();
        describe(expected).properties().forEach(tensor -> {
            JsonNode found = header.path(tensor.getKey());
            if (!found.equals(tensor.getValue())) {
                throw unexpected("tensor " + tensor.getKey(), found, quote(tensor.getValue()));
            }
            extra.remove(tensor.getKey());
        });
        if (!extra.isEmpty()) {
            throw fault("found tensors " + abbreviate(quote(extra)) + ", expected only those of " + whose);
        }
        if (unread != bytes(expected)) {
            throw fault("found " + unread + " bytes of data, expected the " + bytes(expected) + " of " + whose);
        }
        return readBytes((int) unread);
    }

    private JsonNode requireObject(String what, JsonNode value) {
        if (!value.isObject()) {
            throw unexpected(what, value, "a JSON object");
        }
        return value;
    }

    private ByteBuffer readBytes(int count) throws IOException {
        byte[] bytes = new byte[count];
        if (content.readNBytes(bytes, 0, count) < count) {
            throw new EOFException("it ended while it was read");
        }
        unread -= count;
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A value of the metadata that cannot be used. */
    ModelFileException unexpected(String key, String expected) {
        return unexpected(METADATA + "." + key, metadata.path(key), expected);
    }

    private ModelFileException unexpected(String what, JsonNode found, String expected) {
        String shown = found.isMissingNode() ? "nothing" : abbreviate(quote(found));
        return fault(what + ": found " + shown + ", expected " + expected);
    }

    /** This file with what is wrong with it. */
    ModelFileException fault(String fault) {
        return new ModelFileException(name + ": " + fault, null);
    }
}
