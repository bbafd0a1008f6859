package lenet5.train;

import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import lenet5.nn.Initializer;
import lenet5.nn.Network;
import lenet5.nn.Parameters;

/**
 * How far a run has come. With the options and the images it decides everything that follows, bit by bit: plain SGD has no
 * other memory than the parameters, and the order of an epoch is a function of the seed and the epoch's number.
 *
 * @param parameters after the last epoch
 * @param best after the epoch with the lowest validation loss
 * @param history one record an epoch
 */
public record TrainingState(Parameters parameters, Parameters best, List<EpochRecord> history) {

    /**
     * Copies the history.
     *
     * @throws IllegalArgumentException if a parameter is not finite
     */
    public TrainingState {
        parameters.requireFinite();
        best.requireFinite();
        history = List.copyOf(history);
    }

    /** Before the first epoch. */
    public static TrainingState initial(Network network, long seed) {
        Parameters parameters = Initializer.glorotUniform(network, seed);
        return new TrainingState(parameters, parameters, List.of());
    }

    /** After one epoch more, which left {@code parameters}. */
    TrainingState after(EpochRecord outcome, Parameters parameters) {
        List<EpochRecord> longer =
                Stream.concat(history.stream(), Stream.of(outcome)).toList();
        boolean better = bestEpoch(longer) == outcome.epoch();
        return new TrainingState(parameters, better ? parameters : best, longer);
    }

    /** The epochs done. */
    public int epoch() {
        return history.size();
    }

    /** The epoch with the lowest validation loss, the first of several, from 1; 0 before the first. */
    public int bestEpoch() {
        return bestEpoch(history);
    }

    private static int bestEpoch(List<EpochRecord> history) {
        return history.stream()
                .min(Comparator.comparingDouble(record -> record.validation().loss()))
                .map(EpochRecord::epoch)
                .orElse(0);
    }
}
