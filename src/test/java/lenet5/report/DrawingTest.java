package lenet5.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import lenet5.data.LabeledImages;
import lenet5.nn.Shape;
import org.junit.jupiter.api.Test;

class DrawingTest {

    @Test
    void aDigitHasItsOwnPixels() {
        LabeledImages images = new LabeledImages(1, 2, new byte[] {1, 2, (byte) 200, 4}, new byte[2]);
        BufferedImage digit = Drawing.digit(images, 1);
        assertEquals(200, digit.getRaster().getSample(0, 0, 0));
        assertEquals(4, digit.getRaster().getSample(1, 0, 0));
    }

    @Test
    void signsAreColoursAndMagnitudesAreStrength() {
        BufferedImage image = Drawing.signed(new float[] {9, 2, -1, 0, -8}, 1, 2, 2, 2);
        Color plus = new Color(image.getRGB(0, 0), true);
        Color minus = new Color(image.getRGB(1, 0), true);
        assertEquals(255, plus.getAlpha());
        assertTrue(plus.getRed() > plus.getBlue());
        assertEquals(128, minus.getAlpha());
        assertTrue(minus.getBlue() > minus.getRed());
        assertEquals(0, image.getRGB(0, 1) >>> 24);
        assertEquals(255, image.getRGB(1, 1) >>> 24, "beyond the limit");
    }

    @Test
    void filtersHaveAColumnForEachMapAndARowForEachInput() {
        float[] weights = new float[3 * 2 * 5 * 5]; // 3 maps of 2 inputs
        int map = 2;
        int input = 1;
        weights[((map * 2 + input) * 5 + 4) * 5 + 3] = 1; // row 4, column 3 of that filter
        BufferedImage image = Drawing.filters(weights, Shape.of(3, 2, 5, 5));
        assertEquals(3 * 6 - 1, image.getWidth());
        assertEquals(2 * 6 - 1, image.getHeight());
        assertEquals(255, image.getRGB(map * 6 + 3, input * 6 + 4) >>> 24);
    }

    @Test
    void activationsAreAsSquareAsTheyGo() {
        BufferedImage maps = Drawing.activations(new float[6 * 4 * 4], Shape.of(6, 4, 4));
        assertEquals(3 * 5 - 1, maps.getWidth());
        assertEquals(2 * 5 - 1, maps.getHeight());
        BufferedImage vector = Drawing.activations(new float[120], Shape.of(120));
        assertEquals(12, vector.getWidth());
        assertEquals(10, vector.getHeight());
    }
}
