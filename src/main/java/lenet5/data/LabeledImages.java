package lenet5.data;

import java.util.Arrays;
import lenet5.nn.Shape;

/**
 * Grey images with their classes, as bytes: 0 is background, 255 is full ink. Not copied; treat the arrays as read-only.
 *
 * @param height rows of one image
 * @param width pixels of one row
 * @param pixels {@code [images, height, width]}, unsigned
 * @param labels the class of each image
 */
public record LabeledImages(int height, int width, byte[] pixels, byte[] labels) {

    /**
     * Checks that pixels and labels belong to the same number of images.
     *
     * @throws IllegalArgumentException if not, or if there is no image
     */
    public LabeledImages {
        if (labels.length == 0 || pixels.length != (long) labels.length * height * width) {
            throw new IllegalArgumentException(labels.length + " labels of " + height + "x" + width
                    + " images do not go with " + pixels.length + " pixels");
        }
    }

    /** The number of images. */
    public int count() {
        return labels.length;
    }

    /**
     * How many zeros on each of the four sides make the images a network's input.
     *
     * @throws IllegalArgumentException if no number does
     */
    public int paddingTo(Shape input) {
        int padding = (input.extent(1) - height) / 2;
        if (padding < 0 || !input.equals(Shape.of(1, height + 2 * padding, width + 2 * padding))) {
            throw new IllegalArgumentException("images of " + height + "x" + width
                    + " pixels, equally padded on each side, do not become the network's input " + input);
        }
        return padding;
    }

    /** A copy of the images {@code from} (inclusive) to {@code to} (exclusive). */
    public LabeledImages slice(int from, int to) {
        int size = height * width;
        return new LabeledImages(
                height,
                width,
                Arrays.copyOfRange(pixels, from * size, to * size),
                Arrays.copyOfRange(labels, from, to));
    }
}
