package lenet5.data;

import lenet5.nn.Shape;

/**
 * How bytes become a network's input: centred on zeros of the input's size, divided by {@link #WHITE}, less the mean.
 *
 * @param mean the mean of the padded training images after division
 */
public record Normalization(float mean) {

    /** The byte of full ink, which becomes 1 before the mean is subtracted. */
    public static final int WHITE = 255;

    /** The normalization that gives {@code training}, padded to {@code input}, a mean of zero. */
    public static Normalization of(LabeledImages training, Shape input) {
        long sum = 0;
        for (byte pixel : training.pixels()) {
            sum += Byte.toUnsignedInt(pixel);
        }
        return new Normalization((float) ((double) sum / WHITE / ((double) training.count() * input.size())));
    }
}
