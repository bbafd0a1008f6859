package lenet5.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import lenet5.data.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureFileTest {

    private static final int SIDE = 512;

    @TempDir
    Path directory;

    private final BufferedImage picture = Drawing.mapped(Drawing.seven(90, 60, 20, 10, 40), (x, y, grey) -> grey);

    @ParameterizedTest
    @ValueSource(strings = {"png", "gif", "bmp", "pgm"})
    void losslessFormatsKeepEveryPixel(String format) throws IOException {
        assertArrayEquals(GreyImage.of(picture, SIDE).pixels(), grey(Drawing.save(picture, directory, format)), 0.5f);
    }

    @Test
    void jpegKeepsTheDigit() throws IOException {
        byte[] exact = DigitImage.read(Drawing.save(picture, directory, "png")).orElseThrow();
        byte[] coded = DigitImage.read(Drawing.save(picture, directory, "jpg")).orElseThrow();

        long difference = 0;
        for (int i = 0; i < exact.length; i++) {
            difference += Math.abs(Byte.toUnsignedInt(exact[i]) - Byte.toUnsignedInt(coded[i]));
        }
        assertEquals(0, difference / (double) exact.length, 4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "P1 # 1 is black\n3 2\n0 1 1\n1 1 0\n",
                "P2 3 2 15\n15 0 0\n0 0 15\n",
                "P2 3 2 1000\n1000 0 0\n0 0 1000\n",
                "P3 3 2 1\n1 1 1 0 0 0 0 0 0\n0 0 0 0 0 0 1 1 1\n",
                "P4 3 2\n\u0060\u00c0",
                "P5 3 2 255\n\u00ff\0\0\0\0\u00ff",
                "P6 3 2 255\n\u00ff\u00ff\u00ff\0\0\0\0\0\0\0\0\0\0\0\0\u00ff\u00ff\u00ff"
            })
    void everyPortableFormatIsRead(String content) throws IOException {
        Path file = write("digit.pnm", content.getBytes(StandardCharsets.ISO_8859_1));

        assertArrayEquals(new float[] {255, 0, 0, 0, 0, 255}, grey(file), 0.5f);
    }

    /** The eight values of EXIF's tag 0x0112, by where the stored rows and columns begin in the picture as it is seen. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void exifOrientationIsApplied(int orientation) throws IOException {
        BufferedImage picture = Drawing.seven(90, 60, 20, 10, 40);
        int right = picture.getWidth() - 1;
        int bottom = picture.getHeight() - 1;
        boolean turned = orientation >= 5;
        BufferedImage stored = new BufferedImage(
                turned ? bottom + 1 : right + 1, turned ? right + 1 : bottom + 1, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < stored.getHeight(); y++) {
            for (int x = 0; x < stored.getWidth(); x++) {
                stored.setRGB(
                        x,
                        y,
                        switch (orientation) {
                            case 1 -> picture.getRGB(x, y);
                            case 2 -> picture.getRGB(right - x, y);
                            case 3 -> picture.getRGB(right - x, bottom - y);
                            case 4 -> picture.getRGB(x, bottom - y);
                            case 5 -> picture.getRGB(y, x);
                            case 6 -> picture.getRGB(right - y, x);
                            case 7 -> picture.getRGB(right - y, bottom - x);
                            default -> picture.getRGB(y, bottom - x);
                        });
            }
        }
        byte[] jpeg = Files.readAllBytes(Drawing.save(stored, directory, "jpg"));
        Path file = write("turned.jpg", withExif(jpeg, exif(orientation)));

        GreyImage upright = PictureFile.read(file, SIDE);

        assertEquals(picture.getWidth(), upright.width());
        // JPEG is not exact at the strokes' edges
        assertArrayEquals(GreyImage.of(picture, SIDE).pixels(), upright.pixels(), 60);
    }

    /** A TIFF directory with the orientation alone. */
    private static byte[] exif(int orientation) {
        return ByteBuffer.allocate(26)
                .put(new byte[] {'M', 'M', 0, 42})
                .putInt(8)
                .putShort((short) 1)
                .putShort((short) 0x0112)
                .putShort((short) 3)
                .putInt(1)
                .putShort((short) orientation)
                .putShort((short) 0)
                .putInt(0)
                .array();
    }

    /** {@code jpeg} with an APP1 segment at its start. */
    private static byte[] withExif(byte[] jpeg, byte[] tiff) {
        byte[] name = {'E', 'x', 'i', 'f', 0, 0};
        return ByteBuffer.allocate(jpeg.length + 4 + name.length + tiff.length)
                .put(jpeg, 0, 2)
                .putShort((short) 0xffe1)
                .putShort((short) (2 + name.length + tiff.length))
                .put(name)
                .put(tiff)
                .put(jpeg, 2, jpeg.length - 2)
                .array();
    }

    @Test
    void damagedExifSpoilsNoPicture() throws IOException {
        byte[] jpeg = Files.readAllBytes(Drawing.save(picture, directory, "jpg"));
        Random random = new Random(8);
        for (int i = 0; i < 50; i++) {
            byte[] tiff = exif(6);
            tiff[random.nextInt(tiff.length)] = (byte) random.nextInt();
            Path file = write("damaged.jpg", withExif(jpeg, Arrays.copyOf(tiff, random.nextInt(tiff.length + 1))));
            assertEquals(28 * 28, DigitImage.read(file).orElseThrow().length);
        }
    }

    @Test
    void aDirectorysPicturesAreListedByName() throws IOException {
        for (String name : new String[] {"b.PNG", "a.jpeg", "notes.txt", "c.pgm", "noending"}) {
            write(name, new byte[0]);
        }
        Files.createDirectory(directory.resolve("album.png"));
        assertEquals(
                List.of("a.jpeg", "b.PNG", "c.pgm"),
                PictureFile.list(directory).stream()
                        .map(file -> file.getFileName().toString())
                        .toList());
        Path empty = Files.createDirectory(directory.resolve("empty"));
        String message =
                assertThrows(DataException.class, () -> PictureFile.list(empty)).getMessage();
        assertTrue(message.startsWith(empty + ": found no picture"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp", "pgm"})
    void picturesCutShortAreRefused(String format) throws IOException {
        byte[] content = Files.readAllBytes(Drawing.save(picture, directory, format));
        for (int part : new int[] {10, 50, 90}) {
            assertRefused(write("short." + format, Arrays.copyOf(content, content.length * part / 100)), "");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp", "pgm"})
    void damagedPicturesAreReadOrRefused(String format) throws IOException {
        byte[] content = Files.readAllBytes(Drawing.save(picture, directory, format));
        Random random = new Random(21);
        for (int i = 0; i < 60; i++) {
            byte[] damaged = content.clone();
            for (int bytes = random.nextInt(1, 6); bytes > 0; bytes--) {
                damaged[random.nextInt(Math.min(damaged.length, 400))] = (byte) random.nextInt();
            }
            Path file = write("damaged." + format, damaged);
            try {
                DigitImage.read(file).ifPresent(digit -> assertEquals(28 * 28, digit.length));
            } catch (DataException e) {
                assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
            }
        }
    }

    @Test
    void absurdDimensionsAreRefusedBeforeAnyPixelIsRead() throws IOException {
        String limit = " pixels, expected at most 64000000 in all";
        assertRefused(write("a.pgm", "P5 9000 9000 255\n\0".getBytes(StandardCharsets.US_ASCII)), "9000x9000" + limit);
        assertRefused(write("a.ppm", "P3 2000000 2000000 255\n".getBytes(StandardCharsets.US_ASCII)), limit);

        ByteBuffer png = ByteBuffer.wrap(Files.readAllBytes(Drawing.save(picture, directory, "png")));
        png.putInt(16, Integer.MAX_VALUE).putInt(20, Integer.MAX_VALUE);
        CRC32 crc = new CRC32();
        crc.update(png.array(), 12, 17);
        png.putInt(29, (int) crc.getValue());
        assertRefused(write("a.png", png.array()), "2147483647x2147483647" + limit);
    }

    @Test
    void whatIsNoPictureIsRefused() throws IOException {
        String formats = "unknown format, expected PNG, JPEG, GIF, BMP, PGM, PBM or PPM";
        assertRefused(write("notes.png", "seven".getBytes(StandardCharsets.US_ASCII)), formats);
        assertRefused(write("empty.png", new byte[0]), formats);
        assertRefused(directory, "not a readable file");
        assertRefused(directory.resolve("missing.png"), "no such file");
    }

    private Path write(String name, byte[] content) throws IOException {
        return Files.write(directory.resolve(name), content);
    }

    private static void assertRefused(Path file, String expected) {
        String message =
                assertThrows(DataException.class, () -> DigitImage.read(file)).getMessage();
        assertTrue(message.startsWith(file + ": ") && message.contains(expected), message);
    }

    private static float[] grey(Path file) {
        return PictureFile.read(file, SIDE).pixels();
    }
}
