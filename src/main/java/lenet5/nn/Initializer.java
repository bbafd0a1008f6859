package lenet5.nn;

import java.nio.FloatBuffer;
import java.util.SplittableRandom;

/** The values that training starts from. */
public final class Initializer {

    private Initializer() {}

    /**
     * Glorot-uniform weights and zero biases: each weight uniform in {@code ±sqrt(6 / (fanIn + fanOut))} (Glorot and
     * Bengio, 2010, eq. 16). The fans count a convolution's 25 taps. The same seed gives the same values everywhere.
     */
    public static Parameters glorotUniform(Network network, long seed) {
        Parameters parameters = new Parameters(network);
        SplittableRandom random = new SplittableRandom(seed);
        for (Parameter parameter : network.parameters()) {
            if (parameter.shape().rank() > 1) {
                fill(parameters.view(parameter), glorotLimit(parameter.shape()), random);
            }
        }
        return parameters;
    }

    private static double glorotLimit(Shape weights) {
        int outputs = weights.extent(0);
        int inputs = weights.extent(1);
        int taps = weights.size() / (outputs * inputs);
        return Math.sqrt(6.0 / (taps * (inputs + outputs)));
    }

    private static void fill(FloatBuffer weights, double limit, SplittableRandom random) {
        while (weights.hasRemaining()) {
            weights.put((float) random.nextDouble(-limit, limit));
        }
    }
}
