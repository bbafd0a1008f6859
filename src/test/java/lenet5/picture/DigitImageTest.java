package lenet5.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DigitImageTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({"28,28,6,4,20", "64,48,5,3,40", "500,500,100,60,350", "1600,1200,900,80,700", "300,2000,40,1500,200"})
    void everySizeAndPlaceGivesTheSameDigit(int width, int height, int x, int y, int size) throws IOException {
        byte[] digit = read(Drawing.seven(width, height, x, y, size));

        Rectangle box = box(digit);
        assertEquals(20, box.height);
        assertEquals(14, box.width, 1);
        assertEquals(14, centre(digit, 0), 0.51);
        assertEquals(14, centre(digit, 1), 0.51);
        assertEquals(255, peak(digit));
        // The pen's edge falls differently on the pixels; a digit that is one pixel off differs by 0.5 and more.
        assertEquals(0, difference(read(Drawing.seven(400, 400, 100, 100, 200)), digit), 0.2);
    }

    @Test
    void theDigitIsUprightAndNotMirrored() throws IOException {
        byte[] digit = read(Drawing.seven(200, 200, 50, 50, 100));

        Rectangle box = box(digit);
        int top = 0;
        int bottom = 0;
        int upperRight = 0;
        int lowerRight = 0;
        for (int x = box.x; x < box.x + box.width; x++) {
            top += at(digit, x, box.y + 1);
            bottom += at(digit, x, box.y + box.height - 2);
        }
        for (int y = 0; y < 6; y++) {
            upperRight += at(digit, box.x + box.width - 2, box.y + y);
            lowerRight += at(digit, box.x + box.width - 2, box.y + box.height - 1 - y);
        }
        assertTrue(top > 3 * bottom, top + " " + bottom);
        assertTrue(upperRight > 255 && lowerRight == 0, upperRight + " " + lowerRight);
    }

    @Test
    void movingTheDigitChangesNothing() throws IOException {
        assertArrayEquals(read(Drawing.seven(300, 200, 20, 30, 90)), read(Drawing.seven(300, 200, 220, 100, 90)));
    }

    @Test
    void aTightlyCroppedDigitIsRead() throws IOException {
        byte[] whole = read(Drawing.seven(400, 400, 100, 100, 200));
        BufferedImage cropped = Drawing.seven(142, 202, 1, 1, 200);

        assertEquals(0, difference(whole, read(cropped)), 0.2);
        assertEquals(0, difference(whole, read(Drawing.negative(cropped))), 0.2);
    }

    @Test
    void bothPolaritiesGiveTheSameDigit() throws IOException {
        BufferedImage picture = Drawing.seven(240, 160, 90, 20, 110);

        assertEquals(0, difference(read(picture), read(Drawing.negative(picture))), 0.01);
    }

    @Test
    void faintInkIsStretchedToFullContrast() throws IOException {
        BufferedImage paper = Drawing.paper(200, 200, BufferedImage.TYPE_INT_RGB, new Color(200, 190, 170));
        byte[] faint = read(Drawing.seven(paper, new Color(140, 130, 120), 40, 40, 120));

        assertEquals(255, peak(faint));
        assertEquals(0, difference(read(Drawing.seven(200, 200, 40, 40, 120)), faint), 0.05);
    }

    @Test
    void transparencyIsWhitePaper() throws IOException {
        BufferedImage clear = new BufferedImage(200, 200, BufferedImage.TYPE_INT_ARGB);

        assertEquals(
                0,
                difference(
                        read(Drawing.seven(200, 200, 40, 40, 120)),
                        read(Drawing.seven(clear, Color.BLACK, 40, 40, 120))),
                0.01);
    }

    @Test
    void anMnistLikeImageStaysAsItIs() throws IOException {
        BufferedImage black = Drawing.paper(28, 28, BufferedImage.TYPE_BYTE_GRAY, Color.BLACK);
        BufferedImage picture = Drawing.seven(black, Color.WHITE, 7, 7, 20);
        byte[] original = new byte[28 * 28];
        picture.getRaster().getDataElements(0, 0, 28, 28, original);
        assertEquals(20, box(original).height);
        assertEquals(14, centre(original, 0), 0.49);
        assertEquals(14, centre(original, 1), 0.49);

        assertEquals(0, difference(original, read(picture)), 0.02);
    }

    @Test
    void readingTheResultGivesTheResult() throws IOException {
        byte[] once = read(Drawing.seven(900, 900, 333, 222, 456));
        BufferedImage picture = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
        picture.getRaster().setDataElements(0, 0, 28, 28, once);

        assertEquals(0, difference(once, read(picture)), 0.02);
    }

    @Test
    void aHairlineStaysVisible() throws IOException {
        BufferedImage picture = Drawing.paper(1500, 1500, BufferedImage.TYPE_INT_RGB, Color.WHITE);
        for (int y = 300; y < 1200; y++) {
            picture.setRGB(700, y, 0);
        }

        byte[] digit = read(picture);

        assertEquals(new Rectangle(14, 4, 1, 20), box(digit));
        assertEquals(255, peak(digit));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 10, 15})
    void noiseIsNotInk(int deviation) throws IOException {
        BufferedImage clean = Drawing.mapped(Drawing.seven(400, 300, 150, 50, 180), (x, y, grey) -> 30 + 0.8 * grey);

        assertEquals(0, difference(read(clean), read(Drawing.noisy(clean, deviation, 5))), 0.25);
    }

    @Test
    void shadingIsNotInk() throws IOException {
        BufferedImage clean = Drawing.seven(400, 300, 150, 50, 180);
        BufferedImage shaded = Drawing.mapped(clean, (x, y, grey) -> 40 + 0.6 * grey + 0.1 * x - 0.05 * y);

        assertEquals(0, difference(read(clean), read(shaded)), 0.25);
    }

    @Test
    void muchBrightPaperDoesNotOutweighALittleInk() throws IOException {
        BufferedImage clean = Drawing.seven(400, 300, 180, 110, 70);
        BufferedImage vignetted = Drawing.mapped(
                clean, (x, y, grey) -> 30 + 0.7 * grey - 20 * Math.hypot((x - 200) / 200.0, (y - 150) / 150.0));

        assertEquals(0, difference(read(clean), read(vignetted)), 0.25);
    }

    @Test
    void dustOnALargePictureIsNotInk() throws IOException {
        BufferedImage picture = Drawing.seven(3000, 2000, 1300, 500, 900);
        byte[] clean = read(picture);
        for (int i = 1; i < 20; i++) {
            picture.setRGB(140 * i, 90 * i, 0);
        }

        assertEquals(0, difference(clean, read(picture)), 0.01);
    }

    @Test
    void picturesWithoutContrastShowNoDigit() throws IOException {
        BufferedImage grey = Drawing.paper(100, 80, BufferedImage.TYPE_INT_RGB, Color.GRAY);
        assertNoDigit(grey);
        assertNoDigit(Drawing.seven(grey, new Color(110, 110, 110), 20, 20, 50));
        assertNoDigit(Drawing.noisy(Drawing.paper(200, 200, BufferedImage.TYPE_INT_RGB, Color.GRAY), 15, 6));
        assertNoDigit(new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY));
        assertNoDigit(new BufferedImage(50, 50, BufferedImage.TYPE_INT_ARGB));
    }

    @Test
    void anEccentricDigitKeepsAllItsInk() {
        GreyImage digit = GreyImage.blank(20, 20);
        Arrays.fill(digit.pixels(), 1);
        for (int y = 0; y < 20; y++) {
            digit.pixels()[y * 20] = 255;
        }

        byte[] image = DigitImage.centred(digit);

        assertEquals(new Rectangle(8, 4, 20, 20), box(image));
    }

    private void assertNoDigit(BufferedImage picture) throws IOException {
        assertEquals(Optional.empty(), DigitImage.read(Drawing.save(picture, directory, "png")));
    }

    private byte[] read(BufferedImage picture) throws IOException {
        return DigitImage.read(Drawing.save(picture, directory, "png")).orElseThrow();
    }

    private static int at(byte[] image, int x, int y) {
        return Byte.toUnsignedInt(image[y * DigitImage.SIZE + x]);
    }

    /** The sum of the pixels' differences over the ink of {@code expected}. */
    private static double difference(byte[] expected, byte[] actual) {
        double difference = 0;
        double ink = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.abs(Byte.toUnsignedInt(expected[i]) - Byte.toUnsignedInt(actual[i]));
            ink += Byte.toUnsignedInt(expected[i]);
        }
        return difference / ink;
    }

    private static double centre(byte[] image, int axis) {
        double mass = 0;
        double moment = 0;
        for (int i = 0; i < image.length; i++) {
            mass += Byte.toUnsignedInt(image[i]);
            moment += Byte.toUnsignedInt(image[i]) * (axis == 0 ? i / DigitImage.SIZE : i % DigitImage.SIZE);
        }
        return moment / mass;
    }

    private static int peak(byte[] image) {
        int peak = 0;
        for (byte pixel : image) {
            peak = Math.max(peak, Byte.toUnsignedInt(pixel));
        }
        return peak;
    }

    private static Rectangle box(byte[] image) {
        GreyImage grey = GreyImage.blank(DigitImage.SIZE, DigitImage.SIZE);
        for (int i = 0; i < image.length; i++) {
            grey.pixels()[i] = Byte.toUnsignedInt(image[i]);
        }
        return DigitImage.inkBox(grey);
    }
}
