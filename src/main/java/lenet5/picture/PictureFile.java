package lenet5.picture;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataFormatImpl;
import javax.imageio.stream.ImageInputStream;
import lenet5.data.DataException;
import org.apache.commons.io.FilenameUtils;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Decodes pictures of every format that {@code javax.imageio} and its plugins know. */
public final class PictureFile {

    /** A quarter of a gigabyte as decoded colour pixels. */
    static final long MAX_PIXELS = 64_000_000;

    private static final Set<String> ENDINGS = Set.of("png", "jpg", "jpeg", "gif", "bmp", "pgm", "pbm", "ppm", "pnm");

    private static final String UPRIGHT = "Normal";

    private PictureFile() {}

    /**
     * The pictures in {@code directory} itself, told by the endings of their names, sorted by name.
     *
     * @throws DataException if there are none, or it cannot be listed
     */
    public static List<Path> list(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> pictures =
                    files.filter(PictureFile::hasPictureName).sorted().toList();
            if (pictures.isEmpty()) {
                throw new DataException(directory + ": found no picture in this directory, expected files that end in "
                        + String.join(", ", new TreeSet<>(ENDINGS)));
            }
            return pictures;
        } catch (IOException e) {
            throw new DataException(directory + ": cannot be listed: " + e.getMessage(), e);
        }
    }

    private static boolean hasPictureName(Path file) {
        String ending = FilenameUtils.getExtension(file.getFileName().toString());
        return ENDINGS.contains(ending.toLowerCase(Locale.ROOT)) && Files.isRegularFile(file);
    }

    /**
     * The first picture in {@code file}, upright, in grey, shrunk until no side is longer than {@code maxSide}.
     *
     * @throws DataException if there is none, it is damaged, or it has more than {@link #MAX_PIXELS}
     */
    static GreyImage read(Path file, int maxSide) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new DataException(file + ": " + (Files.exists(file) ? "not a readable file" : "no such file"));
        }
        return read(file.toString(), file.toFile(), maxSide);
    }

    /** The first picture in {@code stream}, as {@link #read(Path, int)} reads one. */
    static GreyImage read(String name, InputStream stream, int maxSide) {
        return read(name, (Object) stream, maxSide);
    }

    private static GreyImage read(String name, Object source, int maxSide) {
        try (ImageInputStream stream = ImageIO.createImageInputStream(source)) {
            return decode(stream, maxSide);
        } catch (IOException | RuntimeException e) {
            // Damaged pictures make the decoders throw nearly anything, often without a message.
            String fault = Objects.requireNonNullElse(e.getMessage(), "damaged or cut short");
            throw new DataException(name + ": not a usable picture: " + fault, e);
        } catch (OutOfMemoryError e) {
            // One array that did not fit: nothing else has failed, and nothing is kept.
            throw new DataException(
                    name + ": not a usable picture: it needs more than the "
                            + (Runtime.getRuntime().maxMemory() >> 20) + " MiB of memory that Java may take",
                    e);
        }
    }

    private static GreyImage decode(ImageInputStream stream, int maxSide) throws IOException {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
        if (!readers.hasNext()) {
            throw new IIOException("unknown format, expected PNG, JPEG, GIF, BMP, PGM, PBM or PPM");
        }
        ImageReader reader = readers.next();
        try {
            reader.setInput(stream, true, false);
            requireSize(reader.getWidth(0), reader.getHeight(0));
            GreyImage picture = GreyImage.of(decode(reader), maxSide);
            return upright(picture, orientation(reader));
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

    /** How the picture must be turned, as EXIF has told the JPEG plugin; {@code Normal} where nothing is said. */
    private static String orientation(ImageReader reader) {
        try {
            IIOMetadata metadata = reader.getImageMetadata(0);
            if (metadata == null || !metadata.isStandardMetadataFormatSupported()) {
                return UPRIGHT;
            }
            Element root = (Element) metadata.getAsTree(IIOMetadataFormatImpl.standardMetadataFormatName);
            NodeList found = root.getElementsByTagName("ImageOrientation");
            return found.getLength() == 0 ? UPRIGHT : ((Element) found.item(0)).getAttribute("value");
        } catch (IOException | RuntimeException e) {
            return UPRIGHT; // damaged metadata throw as much as damaged pixels, but the pixels were sound
        }
    }

    /**
     * Turns {@code picture} as {@code javax_imageio_1.0} words it: a flip about an axis first, then degrees against the
     * clock.
     */
    private static GreyImage upright(GreyImage picture, String orientation) {
        return switch (orientation) {
            case "FlipH" -> picture.mirrored();
            case "Rotate180" -> picture.mirrored().flipped();
            case "FlipV" -> picture.flipped();
            case "FlipHRotate90" -> picture.transposed().mirrored().flipped();
            case "Rotate270" -> picture.transposed().mirrored();
            case "FlipVRotate90" -> picture.transposed();
            case "Rotate90" -> picture.transposed().flipped();
            default -> picture;
        };
    }
}
