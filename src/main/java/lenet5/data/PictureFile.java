package lenet5.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/** Decodes pictures of every format that {@code javax.imageio} and its plugins know. */
final class PictureFile {

    /** A quarter of a gigabyte as decoded colour pixels. */
    static final long MAX_PIXELS = 64_000_000;

    private PictureFile() {}

    /**
     * The first picture in {@code file}.
     *
     * @throws DataException if there is none, it is damaged, or it has more than {@link #MAX_PIXELS}
     */
    static BufferedImage read(Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new DataException(file + ": " + (Files.exists(file) ? "not a readable file" : "no such file"));
        }
        try (ImageInputStream stream = ImageIO.createImageInputStream(file.toFile())) {
            return decode(stream);
        } catch (IOException | RuntimeException e) {
            // Damaged pictures make the decoders throw nearly anything, often without a message.
            String fault = Objects.requireNonNullElse(e.getMessage(), "damaged or cut short");
            throw new DataException(file + ": not a usable picture: " + fault, e);
        }
    }

    private static BufferedImage decode(ImageInputStream stream) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
        if (!readers.hasNext()) {
            throw new IIOException("unknown format, expected PNG, JPEG, GIF, BMP, PGM, PBM or PPM");
        }
        ImageReader reader = readers.next();
        try {
            reader.setInput(stream, true, true);
            requireSize(reader.getWidth(0), reader.getHeight(0));
            return decode(reader);
        } finally {
            reader.dispose();
        }
    }

    private static void requireSize(int width, int height) throws IIOException {
        if ((long) width * height > MAX_PIXELS) {
            throw new IIOException(
                    "found " + width + "x" + height + " pixels, expected at most " + MAX_PIXELS + " in all");
        }
    }

    /** The JPEG decoder fills what is missing with grey and only warns; half a digit is not worth a guess. */
    private static BufferedImage decode(ImageReader reader) throws IOException {
        AtomicBoolean truncated = new AtomicBoolean();
        reader.addIIOReadWarningListener((source, warning) -> {
            if (warning.startsWith("Truncated")) {
                truncated.set(true);
            }
        });
        BufferedImage picture = reader.read(0);
        if (truncated.get()) {
            throw new IIOException("cut short");
        }
        return picture;
    }
}
