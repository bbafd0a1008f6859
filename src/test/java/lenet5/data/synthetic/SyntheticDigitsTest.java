package lenet5.data.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.zip.CRC32;
import lenet5.data.LabeledImages;
import lenet5.data.Splits;
import org.junit.jupiter.api.Test;

class SyntheticDigitsTest {

    private static final Splits SPLITS = SyntheticDigits.splits(7, 2000, 300, 500);

    private static byte[] image(LabeledImages images, int i) {
        return images.slice(i, i + 1).pixels();
    }

    @Test
    void countsAndSizes() {
        assertEquals("synthetic", SPLITS.name());
        assertEquals(2000, SPLITS.train().count());
        assertEquals(300, SPLITS.validation().count());
        assertEquals(500, SPLITS.test().count());
        assertEquals(28, SPLITS.train().height());
        assertEquals(28, SPLITS.train().width());
    }

    @Test
    void imageDependsOnSeedAndIndexOnly() {
        Splits others = SyntheticDigits.splits(7, 100, 2200, 1);
        assertArrayEquals(SPLITS.train().slice(0, 100).pixels(), others.train().pixels());
        assertArrayEquals(
                SPLITS.train().slice(100, 2000).pixels(),
                others.validation().slice(0, 1900).pixels());
        assertArrayEquals(
                SPLITS.validation().labels(),
                others.validation().slice(1900, 2200).labels());
        assertArrayEquals(image(SPLITS.test(), 0), others.test().pixels());
    }

    @Test
    void seedsShareNoImage() {
        Set<ByteBuffer> first = new HashSet<>();
        Splits neighbour = SyntheticDigits.splits(8, 2000, 1, 1);
        for (int i = 0; i < 2000; i++) {
            first.add(ByteBuffer.wrap(image(SPLITS.train(), i)));
        }
        assertEquals(2000, first.size());
        for (int i = 0; i < 2000; i++) {
            assertFalse(first.contains(ByteBuffer.wrap(image(neighbour.train(), i))));
        }
    }

    /** A new value here means new digits: results on the old ones cannot be compared with later ones. */
    @Test
    void sameBitsOnEveryMachine() {
        CRC32 crc = new CRC32();
        crc.update(SPLITS.train().pixels());
        crc.update(SPLITS.train().labels());
        assertEquals("f1e1ec51", Long.toHexString(crc.getValue()));
    }

    @Test
    void classesAreBalancedAndMixed() {
        int[] counts = new int[10];
        int[] byPlace = new int[10];
        byte[] labels = SPLITS.train().labels();
        for (int i = 0; i < labels.length; i++) {
            counts[labels[i]]++;
            if (labels[i] == 0) {
                byPlace[i % 10]++;
            }
        }
        int[] equal = new int[10];
        Arrays.fill(equal, 200);
        assertArrayEquals(equal, counts);
        // 200 zeros over ten places: 20 each, standard deviation 4.2.
        assertTrue(Arrays.stream(byPlace).allMatch(n -> n >= 5 && n <= 40), Arrays.toString(byPlace));
    }

    @Test
    void fitsTheBoxAndCentresTheMass() {
        for (int i = 0; i < SPLITS.train().count(); i++) {
            byte[] pixels = image(SPLITS.train(), i);
            double mass = 0;
            double x = 0;
            double y = 0;
            int left = 28;
            int right = -1;
            int top = 28;
            int bottom = -1;
            for (int p = 0; p < pixels.length; p++) {
                int ink = Byte.toUnsignedInt(pixels[p]);
                mass += ink;
                x += ink * (p % 28);
                y += ink * (p / 28);
                if (ink > 0) {
                    left = Math.min(left, p % 28);
                    right = Math.max(right, p % 28);
                    top = Math.min(top, p / 28);
                    bottom = Math.max(bottom, p / 28);
                }
            }
            assertTrue(right - left < 20 && bottom - top < 20, "image " + i + " leaves the 20x20 box");
            assertTrue(Math.max(right - left, bottom - top) >= 17, "image " + i + " does not fill the box");
            // As in MNIST, pixel 14 is the centre; whole-pixel shifts come within half a pixel unless the edge is near.
            assertEquals(14, x / mass, 1.0, "image " + i);
            assertEquals(14, y / mass, 1.0, "image " + i);
        }
    }

    @Test
    void greysAreAntiAliasedUpToFullInk() {
        int[] histogram = new int[256];
        for (byte pixel : SPLITS.train().pixels()) {
            histogram[Byte.toUnsignedInt(pixel)]++;
        }
        assertTrue(Arrays.stream(histogram).allMatch(n -> n > 0), "some grey never occurs");
        double ink = 1 - (double) histogram[0] / SPLITS.train().pixels().length;
        // MNIST has ink in 19 % of its pixels.
        assertEquals(0.19, ink, 0.03);
        double full = (double) histogram[255] / SPLITS.train().pixels().length;
        assertTrue(full > ink / 4, "full ink in " + full + " of the pixels, any in " + ink);
    }
}
