package lenet5.peers;

import java.util.Arrays;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.data.synthetic.SyntheticDigits;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.nn.Parameter;
import lenet5.nn.Parameters;
import lenet5.train.Shuffle;

/**
 * What everybody is given: as many images as MNIST's training split, the same initial parameters and the same orders.
 *
 * @param data the images
 * @param normalization of the images
 */
public record Workload(LabeledImages data, Normalization normalization) {

    /** Of plain SGD. */
    public static final float LEARNING_RATE = 0.01f;

    /** As many as the numerics train on. */
    public static final int IMAGES = 55_000;

    private static final long SEED = 1;

    /** Draws the images. */
    public static Workload synthetic() {
        LabeledImages data = SyntheticDigits.splits(SEED, IMAGES, 1, 1).train();
        return new Workload(data, Normalization.of(data, network().input()));
    }

    /** LeNet-5. */
    public static Network network() {
        return Models.lenet5();
    }

    /** The parameters everybody starts from. */
    public static Parameters parameters() {
        return Initializer.glorotUniform(network(), SEED);
    }

    /** The values of the parameter called {@code name}, in this library's layout. */
    public static float[] values(Parameters parameters, String name) {
        Parameter wanted = parameters.network().parameters().stream()
                .filter(parameter -> parameter.name().equals(name))
                .findFirst()
                .orElseThrow();
        return Arrays.copyOfRange(parameters.values(), wanted.offset(), wanted.end());
    }

    /** The order of an epoch. */
    public int[] order(int epoch) {
        return Shuffle.order(data.count(), SEED, epoch);
    }

    /** The images as the network's input, padded and normalized, {@code [images, 32, 32]}. */
    public float[] inputs() {
        int height = network().input().extent(1);
        int width = network().input().extent(2);
        int top = (height - data.height()) / 2;
        int left = (width - data.width()) / 2;
        float[] inputs = new float[data.count() * height * width];
        Arrays.fill(inputs, -normalization.mean());
        for (int row = 0; row < data.count() * data.height(); row++) {
            int image = row / data.height();
            int start = (image * height + top + row % data.height()) * width + left;
            for (int x = 0; x < data.width(); x++) {
                int pixel = Byte.toUnsignedInt(data.pixels()[row * data.width() + x]);
                inputs[start + x] += (float) pixel / Normalization.WHITE;
            }
        }
        return inputs;
    }
}
