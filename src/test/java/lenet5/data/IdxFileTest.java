package lenet5.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxFileTest {

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = directory.resolve("some-file");
    }

    private IdxFile images(byte[] content) throws IOException {
        Files.write(file, content);
        return IdxFile.read(file, IdxFile.IMAGES);
    }

    private IdxFile labels(byte[] content) throws IOException {
        Files.write(file, content);
        return IdxFile.read(file, IdxFile.LABELS);
    }

    /** Checks the whole message after the file's name. */
    private void assertRefused(String reason, byte[] images) {
        DataException thrown = assertThrows(DataException.class, () -> images(images));
        assertEquals(file + ": " + reason, thrown.getMessage());
    }

    /** The same of the file as it is and gzipped. */
    private void assertRefusedPackedOrNot(String reason, byte[] images) {
        assertRefused(reason, images);
        assertRefused(reason, TinyMnist.gzip(images));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsImagesAndLabels(boolean packed) throws IOException {
        byte[] images = TinyMnist.images(12, 3, 2);
        byte[] labels = TinyMnist.labels(12);
        LabeledImages read = IdxFile.join(
                images(packed ? TinyMnist.gzip(images) : images), labels(packed ? TinyMnist.gzip(labels) : labels));
        assertEquals(3, read.height());
        assertEquals(2, read.width());
        assertArrayEquals(Arrays.copyOfRange(images, 16, images.length), read.pixels());
        assertArrayEquals(new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1}, read.labels());
    }

    @Test
    void hashIsOfTheUnpackedFile() throws IOException {
        byte[] plain = TinyMnist.images(2, 300, 1);
        assertEquals(TinyMnist.sha256(plain), images(plain).sha256());
        assertEquals(TinyMnist.sha256(plain), images(TinyMnist.gzip(plain)).sha256());
    }

    @Test
    void emptyFile() {
        assertRefusedPackedOrNot("truncated: 0 bytes, expected an IDX header of 16", new byte[0]);
    }

    @Test
    void shortHeader() {
        byte[] header = Arrays.copyOf(TinyMnist.images(1, 1, 1), 15);
        assertRefusedPackedOrNot("truncated: 15 bytes, expected an IDX header of 16", header);
    }

    @Test
    void otherFormat() {
        assertRefusedPackedOrNot(
                "starts with 0x3c68746d, expected 0x00000803 (IDX, unsigned bytes, 3 dimensions: images)",
                "<html>Not found</html>".getBytes());
    }

    @Test
    void otherElementType() {
        assertRefusedPackedOrNot(
                "starts with 0x00000d03, expected 0x00000803 (IDX, unsigned bytes, 3 dimensions: images)",
                TinyMnist.idx(new byte[4], 0x00000d03, 1, 1, 1));
    }

    @Test
    void labelsInPlaceOfImages() {
        assertRefusedPackedOrNot(
                "starts with 0x00000801, expected 0x00000803 (IDX, unsigned bytes, 3 dimensions: images)",
                TinyMnist.labels(20));
    }

    @Test
    void imagesInPlaceOfLabels() {
        DataException thrown = assertThrows(DataException.class, () -> labels(TinyMnist.images(1, 1, 1)));
        assertEquals(
                file + ": starts with 0x00000803, expected 0x00000801 (IDX, unsigned bytes, 1 dimension: labels)",
                thrown.getMessage());
    }

    @Test
    void oneByteShort() {
        byte[] whole = TinyMnist.images(2, 3, 2);
        assertRefusedPackedOrNot(
                "truncated: 11 bytes after the header, expected 12 (2x3x2)", Arrays.copyOf(whole, whole.length - 1));
    }

    @Test
    void oneByteTooMany() {
        byte[] whole = TinyMnist.images(2, 3, 2);
        assertRefusedPackedOrNot(
                "more than the 12 bytes (2x3x2) that the header declares", Arrays.copyOf(whole, whole.length + 1));
    }

    @Test
    void noImages() {
        assertRefusedPackedOrNot(
                "dimensions 0x28x28, expected 1 to 1073741824 bytes in all",
                TinyMnist.idx(new byte[0], TinyMnist.IMAGES_MAGIC, 0, 28, 28));
    }

    @Test
    void moreThanTheMaximum() {
        assertRefused(
                "dimensions 1073741825x1x1, expected 1 to 1073741824 bytes in all",
                TinyMnist.idx(new byte[0], TinyMnist.IMAGES_MAGIC, (1 << 30) + 1, 1, 1));
    }

    /** 65536 x 65536 x 4294967295 is 0 in 32 bits and negative in 64. */
    @Test
    void dimensionsThatOverflow() {
        assertRefused(
                "dimensions 65536x65536x4294967295, expected 1 to 1073741824 bytes in all",
                TinyMnist.idx(new byte[0], TinyMnist.IMAGES_MAGIC, 65536, 65536, -1));
    }

    @Test
    void manyDeclaredBytesInAShortFile() {
        assertRefusedPackedOrNot(
                "truncated: 5 bytes after the header, expected 1073741824 (1073741824x1x1)",
                TinyMnist.idx(new byte[5], TinyMnist.IMAGES_MAGIC, 1 << 30, 1, 1));
    }

    @Test
    void truncatedGzip() {
        byte[] packed = TinyMnist.gzip(TinyMnist.images(20, 28, 28));
        assertRefused(
                "truncated or corrupt gzip data: Unexpected end of ZLIB input stream",
                Arrays.copyOf(packed, packed.length / 2));
    }

    @Test
    void gzipWithoutItsChecksum() {
        byte[] packed = TinyMnist.gzip(TinyMnist.images(2, 3, 2));
        DataException thrown =
                assertThrows(DataException.class, () -> images(Arrays.copyOf(packed, packed.length - 8)));
        assertTrue(thrown.getMessage().startsWith(file + ": truncated or corrupt gzip data: "), thrown.getMessage());
    }

    @Test
    void gzipWithWrongChecksum() {
        byte[] packed = TinyMnist.gzip(TinyMnist.images(2, 3, 2));
        packed[packed.length - 8] ^= 1;
        assertRefused("truncated or corrupt gzip data: Corrupt GZIP trailer", packed);
    }

    /** 4 GiB of zeros would follow; only the declared bytes and one buffer may be asked for. */
    @Test
    void inflatesNoMoreThanDeclared() {
        EndlessImages endless = new EndlessImages();
        DataException thrown =
                assertThrows(DataException.class, () -> IdxFile.read("endless", endless, IdxFile.IMAGES));
        assertEquals("endless: more than the 12 bytes (2x3x2) that the header declares", thrown.getMessage());
        assertTrue(endless.given < 1 << 20, endless.given + " bytes were read");
    }

    /** A file of 2x3x2 pixels that never ends. */
    private static final class EndlessImages extends InputStream {
        private final byte[] start = TinyMnist.images(2, 3, 2);
        private int given;

        @Override
        public int read() {
            byte next = given < start.length ? start[given] : 0;
            given++;
            return next;
        }
    }

    /** A megabyte of zeros packs into about a kilobyte. */
    @Test
    void gzipBomb() {
        assertRefused(
                "more than the 1 bytes (1x1x1) that the header declares",
                TinyMnist.gzip(TinyMnist.idx(new byte[1 << 20], TinyMnist.IMAGES_MAGIC, 1, 1, 1)));
    }

    @Test
    void labelTen() throws IOException {
        IdxFile images = images(TinyMnist.images(3, 1, 1));
        IdxFile labels = labels(TinyMnist.idx(new byte[] {9, 0, 10}, TinyMnist.LABELS_MAGIC, 3));
        DataException thrown = assertThrows(DataException.class, () -> IdxFile.join(images, labels));
        assertEquals(file + ": label 2 is 10, expected 0 to 9", thrown.getMessage());
    }

    @Test
    void labelsAreUnsigned() throws IOException {
        IdxFile images = images(TinyMnist.images(1, 1, 1));
        IdxFile labels = labels(TinyMnist.idx(new byte[] {-1}, TinyMnist.LABELS_MAGIC, 1));
        DataException thrown = assertThrows(DataException.class, () -> IdxFile.join(images, labels));
        assertEquals(file + ": label 0 is 255, expected 0 to 9", thrown.getMessage());
    }

    @Test
    void countsThatDisagree() throws IOException {
        IdxFile images = images(TinyMnist.images(3, 1, 1));
        IdxFile labels = labels(TinyMnist.labels(4));
        DataException thrown = assertThrows(DataException.class, () -> IdxFile.join(images, labels));
        assertEquals(file + ": 4 labels, expected 3 as there are images in " + file, thrown.getMessage());
    }

    @Test
    void unreadableFile() {
        DataException thrown = assertThrows(DataException.class, () -> IdxFile.read(directory, IdxFile.IMAGES));
        assertTrue(thrown.getMessage().startsWith(directory + ": cannot be read: "), thrown.getMessage());
    }
}
