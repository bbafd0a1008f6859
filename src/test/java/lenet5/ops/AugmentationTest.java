package lenet5.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.zip.CRC32;
import lenet5.data.synthetic.SyntheticDigits;
import org.junit.jupiter.api.Test;

class AugmentationTest {

    private static final int SIDE = 28;
    private static final int IMAGES = 500;
    private static final Augmentation AUGMENTATION = new Augmentation(SIDE, SIDE);
    private static final byte[] DIGITS =
            SyntheticDigits.splits(3, IMAGES, 1, 1).train().pixels();

    private static byte[] augmented(byte[] images, int key) {
        byte[] augmented = new byte[images.length];
        for (int image = 0; image < images.length / (SIDE * SIDE); image++) {
            AUGMENTATION.draw(images, 0, image, key, augmented, 0);
        }
        return augmented;
    }

    private static byte[] image(byte[] images, int index) {
        return Arrays.copyOfRange(images, index * SIDE * SIDE, (index + 1) * SIDE * SIDE);
    }

    @Test
    void theSameKeyGivesTheSameVariants() {
        assertArrayEquals(augmented(DIGITS, 7), augmented(DIGITS, 7));
        int same = 0;
        for (int i = 0; i < IMAGES; i++) {
            same += Arrays.equals(image(augmented(DIGITS, 7), i), image(augmented(DIGITS, 8), i)) ? 1 : 0;
        }
        assertEquals(0, same);
    }

    @Test
    void keysOfSeedsAndEpochsDiffer() {
        assertNotEquals(Augmentation.key(1, 1), Augmentation.key(1, 2));
        assertNotEquals(Augmentation.key(1, 2), Augmentation.key(2, 1));
        assertEquals(Augmentation.key(3, 4), Augmentation.key(3, 4));
    }

    @Test
    void equalImagesBecomeDifferentVariants() {
        byte[] twice = Arrays.copyOf(DIGITS, 2 * SIDE * SIDE);
        System.arraycopy(DIGITS, 0, twice, SIDE * SIDE, SIDE * SIDE);
        byte[] variants = augmented(twice, 1);
        assertTrue(!Arrays.equals(image(variants, 0), image(variants, 1)));
    }

    @Test
    void digitsStayInPlaceAndKeepTheirInk() {
        byte[] variants = augmented(DIGITS, 12);
        double meanShift = 0;
        double meanChange = 0;
        for (int i = 0; i < IMAGES; i++) {
            double[] before = inkAndCentre(image(DIGITS, i));
            double[] after = inkAndCentre(image(variants, i));
            double shift = Math.hypot(after[1] - before[1], after[2] - before[2]);
            assertTrue(shift < 4, "image " + i + " moved by " + shift + " pixels");
            assertEquals(1, after[0] / before[0], 0.4, "ink of image " + i);
            meanShift += shift / IMAGES;
            meanChange += difference(image(DIGITS, i), image(variants, i)) / before[0] / IMAGES;
        }
        assertEquals(1, meanShift, 0.3);
        assertTrue(meanChange > 0.3 && meanChange < 1, "variants differ by " + meanChange + " of the ink");
    }

    /** Weights add up to one, so even ink stays even, and outside there is none. */
    @Test
    void evenImagesStayEven() {
        byte[] white = new byte[20 * SIDE * SIDE];
        Arrays.fill(white, (byte) 255);
        byte[] variants = augmented(white, 3);
        for (int i = 0; i < 20; i++) {
            for (int row = 8; row < 20; row++) {
                for (int column = 8; column < 20; column++) {
                    assertEquals((byte) 255, variants[(i * SIDE + row) * SIDE + column]);
                }
            }
        }
        assertArrayEquals(new byte[white.length], augmented(new byte[white.length], 3));
    }

    /** A new value here means other variants: runs with the old ones cannot be repeated. */
    @Test
    void sameBytesOnEveryMachine() {
        CRC32 crc = new CRC32();
        crc.update(augmented(DIGITS, Augmentation.key(1, 1)));
        assertEquals("693bf314", Long.toHexString(crc.getValue()));
    }

    private static double difference(byte[] before, byte[] after) {
        double difference = 0;
        for (int i = 0; i < before.length; i++) {
            difference += Math.abs(Byte.toUnsignedInt(before[i]) - Byte.toUnsignedInt(after[i]));
        }
        return difference;
    }

    /** The sum of the pixels, their centre's column and row. */
    private static double[] inkAndCentre(byte[] image) {
        double ink = 0;
        double x = 0;
        double y = 0;
        for (int i = 0; i < image.length; i++) {
            double pixel = Byte.toUnsignedInt(image[i]);
            ink += pixel;
            x += pixel * (i % SIDE);
            y += pixel * (i / SIDE);
        }
        return new double[] {ink, x / ink, y / ink};
    }
}
