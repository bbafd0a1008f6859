package lenet5.train;

import lenet5.data.Normalization;
import lenet5.nn.Parameters;

/**
 * A trained network and what is needed to use it and to train it again.
 *
 * @param parameters the learned values, which know their network
 * @param normalization how images became the network's input
 * @param seed the seed that the run started from
 * @param epochs the epochs trained
 */
public record Model(Parameters parameters, Normalization normalization, long seed, int epochs) {

    /**
     * Refuses what no training run leaves that went well.
     *
     * @throws IllegalArgumentException if a parameter or the mean is not finite, or {@code epochs} is negative
     */
    public Model {
        parameters.requireFinite();
        if (!Float.isFinite(normalization.mean())) {
            throw new IllegalArgumentException(
                    "normalization mean: found " + normalization.mean() + ", expected a finite number");
        }
        if (epochs < 0) {
            throw new IllegalArgumentException("epochs: found " + epochs + ", expected at least 0");
        }
    }
}
