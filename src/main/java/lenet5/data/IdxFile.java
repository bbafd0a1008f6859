package lenet5.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import lenet5.io.Sha256;

/**
 * A file in MNIST's IDX format (described at the end of LeCun, Cortes and Burges' MNIST page): two zero bytes, the
 * element type, the number of dimensions, each extent as a big-endian 32-bit integer, then the elements, last index
 * fastest. Only unsigned bytes are read. May be gzipped, whatever its name.
 */
final class IdxFile {

    /** Dimensions of a file of images: {@code [images, height, width]}. */
    static final int IMAGES = 3;

    /** Dimensions of a file of labels: {@code [images]}. */
    static final int LABELS = 1;

    /** More than any data set this program can train on, less than a Java array holds. */
    static final long MAX_ELEMENTS = 1 << 30;

    private static final int UNSIGNED_BYTE = 0x08;
    private static final int CLASSES = 10;
    private static final byte[] GZIP_MAGIC = {0x1f, (byte) 0x8b};

    private final String name;
    private final int[] extents;
    private final byte[] elements;

    private IdxFile(String name, int[] extents, byte[] elements) {
        this.name = name;
        this.extents = extents;
        this.elements = elements;
    }

    /**
     * Reads {@code file}.
     *
     * @param dimensions {@link #IMAGES} or {@link #LABELS}
     * @throws DataException if it cannot be read or is not exactly such a file
     */
    static IdxFile read(Path file, int dimensions) {
        try (InputStream in = Files.newInputStream(file)) {
            return read(file.toString(), in, dimensions);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + e, e);
        }
    }

    /** As {@link #read(Path, int)}; {@code name} stands for the file in errors. */
    static IdxFile read(String name, InputStream raw, int dimensions) throws IOException {
        try {
            InputStream in = unpacked(new BufferedInputStream(raw, 1 << 16));
            int[] extents = readHeader(name, in, dimensions);
            int size = size(name, extents);
            byte[] elements = in.readNBytes(size);
            if (elements.length < size) {
                throw new DataException(name + ": truncated: " + elements.length + " bytes after the header, expected "
                        + size + " (" + text(extents) + ")");
            }
            // Reading on to the end also makes the gzip checksum be compared.
            if (in.read() >= 0) {
                throw new DataException(
                        name + ": more than the " + size + " bytes (" + text(extents) + ") that the header declares");
            }
            return new IdxFile(name, extents, elements);
        } catch (EOFException | ZipException e) {
            throw new DataException(name + ": truncated or corrupt gzip data: " + e.getMessage(), e);
        }
    }

    private static InputStream unpacked(BufferedInputStream in) throws IOException {
        in.mark(GZIP_MAGIC.length);
        byte[] start = in.readNBytes(GZIP_MAGIC.length);
        in.reset();
        return Arrays.equals(start, GZIP_MAGIC) ? new GZIPInputStream(in, 1 << 16) : in;
    }

    private static int[] readHeader(String name, InputStream in, int dimensions) throws IOException {
        int length = headerLength(dimensions);
        byte[] bytes = in.readNBytes(length);
        int magic = magic(dimensions);
        if (bytes.length >= Integer.BYTES && ByteBuffer.wrap(bytes).getInt() != magic) {
            throw new DataException(String.format(
                    "%s: starts with 0x%08x, expected 0x%08x (IDX, unsigned bytes, %d %s)",
                    name,
                    ByteBuffer.wrap(bytes).getInt(),
                    magic,
                    dimensions,
                    dimensions == 1 ? "dimension: labels" : "dimensions: images"));
        }
        if (bytes.length < length) {
            throw new DataException(
                    name + ": truncated: " + bytes.length + " bytes, expected an IDX header of " + length);
        }
        int[] extents = new int[dimensions];
        ByteBuffer.wrap(bytes, Integer.BYTES, length - Integer.BYTES)
                .asIntBuffer()
                .get(extents);
        return extents;
    }

    private static int size(String name, int[] extents) {
        long size = 1;
        for (int extent : extents) {
            // Both factors stay below 2^32, so the product of an allowed size and any extent fits.
            size *= Integer.toUnsignedLong(extent);
            if (size < 1 || size > MAX_ELEMENTS) {
                throw new DataException(
                        name + ": dimensions " + text(extents) + ", expected 1 to " + MAX_ELEMENTS + " bytes in all");
            }
        }
        return (int) size;
    }

    private static int magic(int dimensions) {
        return UNSIGNED_BYTE << 8 | dimensions;
    }

    private static int headerLength(int dimensions) {
        return Integer.BYTES * (1 + dimensions);
    }

    private static String text(int[] extents) {
        return IntStream.of(extents).mapToObj(Integer::toUnsignedString).collect(Collectors.joining("x"));
    }

    /** What to call it in errors. */
    String name() {
        return name;
    }

    /** The SHA-256 of the unpacked file in hexadecimal. */
    String sha256() {
        ByteBuffer header = ByteBuffer.allocate(headerLength(extents.length)).putInt(magic(extents.length));
        for (int extent : extents) {
            header.putInt(extent);
        }
        MessageDigest digest = Sha256.digest();
        digest.update(header.array());
        digest.update(elements);
        return Sha256.hex(digest);
    }

    /**
     * The images with their labels.
     *
     * @throws DataException if their numbers differ or a label is not 0 to 9
     */
    static LabeledImages join(IdxFile images, IdxFile labels) {
        if (images.extents[0] != labels.extents[0]) {
            throw new DataException(labels.name + ": " + labels.extents[0] + " labels, expected " + images.extents[0]
                    + " as there are images in " + images.name);
        }
        for (int i = 0; i < labels.elements.length; i++) {
            int label = Byte.toUnsignedInt(labels.elements[i]);
            if (label >= CLASSES) {
                throw new DataException(labels.name + ": label " + i + " is " + label + ", expected 0 to 9");
            }
        }
        return new LabeledImages(images.extents[1], images.extents[2], images.elements, labels.elements);
    }
}
