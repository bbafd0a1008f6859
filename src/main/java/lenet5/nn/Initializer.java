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
            if (parameter.role() == Parameter.Role.weight) {
                fill(parameters.view(parameter), glorotLimit(parameter.form()), random);
            }
        }
        return parameters;
    }

    private static double glorotLimit(Parameter.Form weights) {
        return Math.sqrt(6.0 / (weights.fanIn() + weights.fanOut()));
    }

    private static void fill(FloatBuffer weights, double limit, SplittableRandom random) {
        while (weights.hasRemaining()) {
            weights.put((float) random.nextDouble(-limit, limit));
        }
    }
}
