package lenet5.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;

/** IDX files of a few bytes for tests. */
public final class TinyMnist {

    static final int IMAGES_MAGIC = 0x00000803;
    static final int LABELS_MAGIC = 0x00000801;

    public static final int TRAIN = 24;
    static final int VALIDATION = 2;
    public static final int TEST = 5;
    static final int HEIGHT = 3;
    static final int WIDTH = 2;

    private TinyMnist() {}

    /** Writes the four files with images of MNIST's own size; returns {@code directory}. */
    public static Path write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.write(directory.resolve(MnistFile.TRAIN_IMAGES.plainName()), images(TRAIN, 28, 28));
        Files.write(directory.resolve(MnistFile.TRAIN_LABELS.plainName()), labels(TRAIN));
        Files.write(directory.resolve(MnistFile.TEST_IMAGES.plainName()), images(TEST, 28, 28));
        Files.write(directory.resolve(MnistFile.TEST_LABELS.plainName()), labels(TEST));
        return directory;
    }

    /** An unpacked file of a whole data set. */
    static byte[] plain(MnistFile file) {
        return switch (file) {
            case TRAIN_IMAGES -> images(TRAIN, HEIGHT, WIDTH);
            case TRAIN_LABELS -> labels(TRAIN);
            case TEST_IMAGES -> images(TEST, HEIGHT, WIDTH);
            case TEST_LABELS -> labels(TEST);
        };
    }

    /** Pixels count up from 0. */
    static byte[] images(int count, int height, int width) {
        byte[] pixels = new byte[count * height * width];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) i;
        }
        return idx(pixels, IMAGES_MAGIC, count, height, width);
    }

    /** Labels count up from 0 to 9, again and again. */
    static byte[] labels(int count) {
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++) {
            labels[i] = (byte) (i % 10);
        }
        return idx(labels, LABELS_MAGIC, count);
    }

    /** Any header before any elements, whether they fit or not. */
    static byte[] idx(byte[] elements, int... header) {
        ByteBuffer file = ByteBuffer.allocate(Integer.BYTES * header.length + elements.length);
        for (int word : header) {
            file.putInt(word);
        }
        return file.put(elements).array();
    }

    static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(plain);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return packed.toByteArray();
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
