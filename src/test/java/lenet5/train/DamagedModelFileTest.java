package lenet5.train;

import static lenet5.train.SampleModelFile.DATA;
import static lenet5.train.SampleModelFile.compose;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are not what {@link ModelFile} writes are refused, and what is wrong is named. */
class DamagedModelFileTest {

    @TempDir
    Path directory;

    private Path file;
    private String header;
    private byte[] data;

    @BeforeEach
    void writeModel() throws IOException {
        file = directory.resolve("digits.safetensors");
        SampleModelFile sample = SampleModelFile.write(file);
        header = sample.header();
        data = sample.data();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[6,1,5,5] | [6,25] | tensor 0.weight: found {`dtype`:`F32`,`shape`:[6,25]",
                "[6,1,5,5] | [6,1,5,5.0] | expected {`dtype`:`F32`,`shape`:[6,1,5,5],`data_offsets`:[0,600]}",
                "[6,1,5,5] | [4294967302,1,5,5] | found {`dtype`:`F32`,`shape`:[4294967302",
                "[6,1,5,5] | [-6,-1,5,5] | tensor 0.weight",
                "`F32` | `F16` | tensor 0.weight: found {`dtype`:`F16`",
                "`F32` | null | tensor 0.weight: found {`dtype`:null",
                "[600,624] | [596,620] | tensor 0.bias",
                "[600,624] | [604,628] | tensor 0.bias",
                "[600,624] | [624,600] | tensor 0.bias",
                "[600,624] | [600,18446744073709551616] | tensor 0.bias",
                "`0.bias` | `0.offset` | tensor 0.bias: found nothing, expected {`dtype`",
                "`0.bias` | `0.weight` | not usable JSON: Duplicate",
                "`11.bias`: | `12.bias`:1,`11.bias`: | found tensors [`12.bias`], expected only those of lenet5",
                "`shape`:[6], | `shape`:[6],`shape`:[6], | not usable JSON: Duplicate",
                "`shape`:[6], | `shape`:[6],`strides`:[1], | tensor 0.bias",
                "__metadata__ | metadata | __metadata__: found nothing, expected a JSON object",
                "`architecture` | `arch` | __metadata__.architecture: found nothing, expected a string",
                "`lenet5` | `lenet6` | __metadata__.architecture: found `lenet6`, expected one of [lenet5]",
                "`lenet5` | 5 | __metadata__.architecture: found 5, expected a string",
                "`format_version`:`1` | `format_version`:`2` | __metadata__.format_version: found `2`, expected `1`",
                "`0.1` | `much` | __metadata__.normalization_mean: found `much`, expected a number",
                "`0.1` | `` | __metadata__.normalization_mean: found ``, expected a number",
                "`0.1` | `NaN` | normalization mean: found NaN, expected a finite number",
                "`0.1` | `1e99` | normalization mean: found Infinity, expected a finite number",
                "`0.1` | 0.1 | __metadata__.normalization_mean: found 0.1, expected a string",
                "`42` | `9223372036854775808` | __metadata__.seed: found `9223372036854775808`, expected a 64-bit",
                "`20` | `twenty` | __metadata__.epochs: found `twenty`, expected a 32-bit integer",
                "`20` | `-1` | epochs: found -1, expected at least 0",
                "}} | }}} | not usable JSON",
                "}} | } | not usable JSON",
                "}} | }}[] | not usable JSON",
            })
    void editedHeadersAreRefused(String part, String edited, String expected) throws IOException {
        String target = quoted(part);
        assertTrue(header.contains(target), target);
        int at = header.indexOf(target);
        String hostile = header.substring(0, at) + quoted(edited) + header.substring(at + target.length());

        assertRefused(compose(hostile.stripTrailing(), data), quoted(expected));
    }

    @Test
    void headersThatAreNotAnObjectOfTextAreRefused() throws IOException {
        assertRefused(compose("", data), "the header: found nothing, expected a JSON object");
        assertRefused(compose("[]", data), "the header: found [], expected a JSON object");
        assertRefused(compose("[".repeat(1 << 19), data), "not usable JSON");
        assertRefused(compose("{\"a\":".repeat(1 << 17), data), "not usable JSON");
        assertRefused(compose("{\"a\":" + "9".repeat(1 << 19) + "}", data), "not usable JSON");
        assertRefused(compose("{\"a\":[" + "[],".repeat(1 << 18) + "[]]}", data), "not usable JSON");
        assertRefused(compose("{\"a\":\"\u00ff\"}", data, StandardCharsets.ISO_8859_1), "the header is not UTF-8");
        assertRefused(compose(header, data, StandardCharsets.UTF_16LE), "not usable JSON");
    }

    @Test
    void aLongFindIsQuotedInPart() throws IOException {
        Files.write(file, compose(header.replace("lenet5\"", "x\u009b".repeat(50_000) + "\""), data));

        String message = refusal();

        assertTrue(message.contains("\\u009B"), message);
        assertTrue(message.length() < 1000 && message.indexOf('\u009b') < 0, message);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 61_705})
    void valuesThatAreNotFiniteAreRefused(int element) throws IOException {
        ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putFloat(element * Float.BYTES, Float.NaN);

        assertRefused(compose(header, data), "found NaN at element");
    }

    @Test
    void dataOfAnotherLengthAreRefused() throws IOException {
        String expected = " bytes of data, expected the 246824 of lenet5";
        assertRefused(compose(header, new byte[DATA + 1]), "found 246825" + expected);
        assertRefused(compose(header, new byte[DATA - 4]), "found 246820" + expected);
        assertRefused(compose(header, new byte[0]), "found 0" + expected);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, -1, 1 << 20, (1 << 20) + 1, Integer.MAX_VALUE, 1L << 32, Long.MAX_VALUE})
    void aClaimedHeaderLengthIsBounded(long length) throws IOException {
        byte[] content = compose(header, data);
        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);

        assertRefused(content, "found a header of " + Long.toUnsignedString(length) + " bytes, expected at most ");
    }

    @Test
    void aFileLargerThanTheHeapIsRefusedUnread() throws IOException {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1L << 36);
        }
        assertTrue(refusal().contains("bytes of data, expected the 246824"), refusal());

        Files.write(file, new byte[] {0, 0, 0, 0, 8, 0, 0, 0});
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1L << 36);
        }
        assertTrue(refusal().contains("found a header of 34359738368 bytes, expected at most 1048576"), refusal());
    }

    @Test
    void filesThatAreNoneAreRefused() throws IOException {
        Files.delete(file);
        assertTrue(refusal().contains("no such file"), refusal());
        Files.createDirectory(file);
        assertTrue(refusal().contains("not a regular file"), refusal());
    }

    @ParameterizedTest
    @CsvSource({"0, found 0 bytes", "7, found 7 bytes", "8, found a header of", "200, found a header of"})
    void shortFilesAreRefused(int length, String expected) throws IOException {
        assertRefused(Arrays.copyOf(compose(header, data), length), expected);
    }

    @Test
    void truncationsAreRefused() throws IOException {
        byte[] content = compose(header, data);
        Random random = new Random(11);
        for (int i = 0; i < 100; i++) {
            assertRefused(Arrays.copyOf(content, random.nextInt(content.length)), "expected");
        }
    }

    @Test
    void damagedBytesAreRefusedOrHarmless() throws IOException {
        byte[] content = compose(header, data);
        Random random = new Random(12);
        int refused = 0;
        for (int i = 0; i < 600; i++) {
            byte[] damaged = content.clone();
            for (int flips = random.nextInt(1, 4); flips > 0; flips--) {
                damaged[random.nextInt(Long.BYTES + header.length())] ^= (byte) (1 << random.nextInt(8));
            }
            refused += refuses(damaged) ? 1 : 0;
        }
        // What remains is in the seed, the mean, the epochs and the writer's name: other values, but well-formed ones.
        assertTrue(refused > 500, refused + " of 600");
    }

    @Test
    void scrambledHeadersAreRefused() throws IOException {
        String alphabet = "{}[]\":,0123456789eE.-+\\ utrfalsn\u0000\u00e9";
        Random random = new Random(13);
        for (int i = 0; i < 200; i++) {
            StringBuilder scrambled = new StringBuilder(header);
            int from = random.nextInt(header.indexOf("\"0.weight\""), header.indexOf("}}"));
            int to = Math.min(from + random.nextInt(1, 40), header.indexOf("}}"));
            int length = random.nextInt(1, 60);
            scrambled.replace(
                    from,
                    to,
                    random.ints(length, 0, alphabet.length())
                            .collect(
                                    StringBuilder::new,
                                    (text, c) -> text.append(alphabet.charAt(c)),
                                    StringBuilder::append)
                            .toString());
            assertTrue(refuses(compose(scrambled.toString(), data)), scrambled.toString());
        }
    }

    private boolean refuses(byte[] content) throws IOException {
        Files.write(file, content);
        try {
            ModelFile.read(file);
            return false;
        } catch (ModelFileException e) {
            assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
            return true;
        }
    }

    /** Refused as a file, and as bytes for the same reason. */
    private void assertRefused(byte[] content, String expected) throws IOException {
        Files.write(file, content);
        String message = refusal();
        assertTrue(message.startsWith(file + ": "), message);
        assertTrue(message.contains(expected), message);
        assertEquals(
                message.replaceFirst(Pattern.quote(file.toString()), "bytes"),
                assertThrows(ModelFileException.class, () -> ModelFile.decode("bytes", content))
                        .getMessage());
    }

    private String refusal() {
        return assertThrows(ModelFileException.class, () -> ModelFile.read(file))
                .getMessage();
    }

    /** The CSV table writes JSON's quotes as backticks. */
    private static String quoted(String cell) {
        return cell.replace('`', '"');
    }
}
