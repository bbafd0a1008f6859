package lenet5.data;

import java.util.SplittableRandom;
import lenet5.nn.Network;

/** Images without meaning. */
public final class Noise {

    private static final int PADDING = 2;

    private Noise() {}

    /** {@code count} images that padding makes the network's input, the same ones every time. */
    public static LabeledImages images(Network network, int count) {
        SplittableRandom random = new SplittableRandom(count);
        int height = network.input().extent(1) - 2 * PADDING;
        int width = network.input().extent(2) - 2 * PADDING;
        byte[] pixels = new byte[count * height * width];
        random.nextBytes(pixels);
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++) {
            labels[i] = (byte) random.nextInt(network.classes());
        }
        return new LabeledImages(height, width, pixels, labels);
    }
}
