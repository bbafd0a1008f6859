package lenet5.cli;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import javax.imageio.ImageIO;

/** Has {@code predict} read pictures that are damaged, cut short, enormous or none at all. */
final class HostilePictures {

    private static final String[] FORMATS = {"png", "jpg", "gif", "bmp", "pgm"};
    private static final long LIMIT_NANOS = 20_000_000_000L;

    private final Path directory;
    private final String model;
    private final PrintStream out = System.out;
    private int cases;

    private HostilePictures(Path directory, String model) {
        this.directory = directory;
        this.model = model;
    }

    /** The directory to write pictures to and a model; prints the number of cases. */
    public static void main(String[] arguments) throws IOException {
        HostilePictures hostile = new HostilePictures(Path.of(arguments[0]), arguments[1]);
        hostile.damaged();
        hostile.enormous();
        hostile.nothing();
        System.out.println(hostile.cases);
    }

    private void damaged() throws IOException {
        for (String format : FORMATS) {
            byte[] sound = seven(format);
            check("sound." + format, sound, true, false);
            for (int part = 0; part <= 90; part += 5) {
                check("short." + format, Arrays.copyOf(sound, sound.length * part / 100), false, true);
            }
            Random random = new Random(format.hashCode());
            for (int i = 0; i < 40; i++) {
                byte[] damaged = sound.clone();
                for (int bytes = random.nextInt(1, 9); bytes > 0; bytes--) {
                    damaged[random.nextInt(Math.min(damaged.length, i < 20 ? 64 : 2000))] = (byte) random.nextInt();
                }
                check("damaged." + format, damaged, true, true);
            }
            for (int i = 0; i < 10; i++) {
                byte[] noise = new byte[random.nextInt(20, 3000)];
                random.nextBytes(noise);
                System.arraycopy(sound, 0, noise, 0, Math.min(i + 2, noise.length));
                check("noise." + format, noise, true, true);
            }
        }
    }

    private void enormous() throws IOException {
        check("a.pgm", ascii("P5 8000 8000 255\n\0"), false, true);
        check("b.pgm", ascii("P5 2147483647 2147483647 255\n\0"), false, true);
        check("c.ppm", ascii("P3 99999999999999999999 1 255\n0 0 0"), false, true);
        check("d.pgm", ascii("P5 -3 5 255\n\0\0\0"), false, true);
        check(
                "a.gif",
                HexFormat.of().parseHex("474946383961ffffffff00000000" + "2c00000000ffffffff0002024401003b"),
                false,
                true);
        check("a.bmp", bmp(0x7fffffff, 0x7fffffff), false, true);
        check("b.bmp", bmp(-8000, -8000), false, true);
        check("c.bmp", bmp(8000, 8000), false, true);
        check("a.png", png(Integer.MAX_VALUE, Integer.MAX_VALUE, 0), false, true);
        check("b.png", png(0, 0, 0), false, true);
        check("c.png", png(-1, 5, 0), false, true);
        check("d.png", png(7999, 7999, 7999), false, true); // a sound picture of 61 kB, 192 MB when decoded
        check("e.png", png(1, 60_000_000, 100), false, true);
    }

    private void nothing() throws IOException {
        check("empty.png", new byte[0], false, true);
        check("zeros.png", new byte[100_000], false, true);
        check("text.jpg", ascii("seven"), false, true);
        Files.createDirectory(directory.resolve("directory.png"));
        check(directory.resolve("directory.png"), false, true);
        check(directory.resolve("missing.png"), false, true);
    }

    private void check(String name, byte[] content, boolean mayBeRead, boolean mayBeRefused) throws IOException {
        check(Files.write(directory.resolve(name), content), mayBeRead, mayBeRefused);
    }

    private void check(Path file, boolean mayBeRead, boolean mayBeRefused) {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream messages = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(messages, true, StandardCharsets.UTF_8));
        long start = System.nanoTime();
        int exitCode = RootCommand.run("predict", model, file.toString(), "--device", "cpu");
        long nanos = System.nanoTime() - start;
        System.setOut(out);
        String said = messages.toString(StandardCharsets.UTF_8);
        boolean read = exitCode == 0
                && said.isEmpty()
                && printed.toString(StandardCharsets.UTF_8).contains(file + "  ");
        boolean refused = exitCode == 4
                && printed.size() == 0
                && said.startsWith("lenet5: " + file + ": ")
                && said.lines().count() == 1;
        if (!(read && mayBeRead || refused && mayBeRefused) || nanos > LIMIT_NANOS) {
            throw new AssertionError("case " + cases + ", " + file + ": exit code " + exitCode + " after " + nanos
                    + " ns: " + said + printed);
        }
        cases++;
    }

    private static byte[] seven(String format) throws IOException {
        BufferedImage picture = new BufferedImage(120, 160, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, 120, 160);
        graphics.setColor(Color.BLACK);
        graphics.fillPolygon(new int[] {30, 90, 60, 48, 72, 30}, new int[] {30, 30, 130, 130, 42, 42}, 6);
        graphics.dispose();
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        if (!ImageIO.write(picture, format, file)) {
            throw new IOException("no writer for " + format);
        }
        return file.toByteArray();
    }

    /** A header alone. */
    private static byte[] bmp(int width, int height) {
        return ByteBuffer.allocate(54)
                .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                .put(ascii("BM"))
                .putInt(54)
                .putInt(0)
                .putInt(54)
                .putInt(40)
                .putInt(width)
                .putInt(height)
                .putShort((short) 1)
                .putShort((short) 24)
                .array();
    }

    /** A white colour picture, of which only {@code rows} are there. */
    private static byte[] png(int width, int height, int rows) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        Deflater deflater = new Deflater();
        byte[] row = new byte[rows == 0 ? 0 : 1 + 3 * width];
        Arrays.fill(row, 0, row.length, (byte) 0);
        byte[] packed = new byte[4096];
        for (int y = 0; y < rows; y++) {
            deflater.setInput(row);
            while (!deflater.needsInput()) {
                data.write(packed, 0, deflater.deflate(packed));
            }
        }
        deflater.finish();
        while (!deflater.finished()) {
            data.write(packed, 0, deflater.deflate(packed));
        }
        deflater.end();
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(HexFormat.of().parseHex("89504e470d0a1a0a"));
        byte[] header = ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put(new byte[] {8, 2, 0, 0, 0})
                .array();
        file.writeBytes(chunk("IHDR", header));
        file.writeBytes(chunk("IDAT", data.toByteArray()));
        file.writeBytes(chunk("IEND", new byte[0]));
        return file.toByteArray();
    }

    private static byte[] chunk(String type, byte[] data) {
        ByteBuffer chunk = ByteBuffer.allocate(12 + data.length)
                .putInt(data.length)
                .put(ascii(type))
                .put(data);
        CRC32 crc = new CRC32();
        crc.update(chunk.array(), 4, 4 + data.length);
        return chunk.putInt((int) crc.getValue()).array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
