package lenet5.train;

import java.io.IOException;
import lenet5.data.Normalization;
import lenet5.data.Splits;
import lenet5.engine.Engine;
import lenet5.engine.Metrics;
import lenet5.engine.StagedData;

/** Trains a network on an engine: for each epoch shuffle, train and validate. */
public final class Trainer {

    private final Engine engine;
    private final TrainingOptions options;

    /** A trainer on {@code engine}, which stays the caller's to close. */
    public Trainer(Engine engine, TrainingOptions options) {
        this.engine = engine;
        this.options = options;
    }

    /** Told of each epoch as it ends. */
    @FunctionalInterface
    public interface Listener {
        void epochEnded(TrainingState state) throws IOException;
    }

    /**
     * Trains on from {@code start} until all epochs are done, or the validation loss has not fallen for as long as the
     * options' patience. The engine is left with the parameters of the last epoch.
     *
     * @param start a fresh start, or where an earlier run stopped
     * @return where training ended
     * @throws DivergedException if a loss or a parameter becomes infinite or NaN; {@code listener} is not told of that epoch
     * @throws IOException if {@code listener} throws one
     */
    public TrainingState train(TrainingState start, Splits data, Normalization normalization, Listener listener)
            throws IOException {
        engine.load(start.parameters());
        try (StagedData training = engine.stage(data.train(), normalization);
                StagedData validation = engine.stage(data.validation(), normalization)) {
            TrainingState state = start;
            while (state.epoch() < options.epochs() && !outOfPatience(state)) {
                EpochRecord outcome = runEpoch(state.epoch() + 1, training, validation);
                state = finite(outcome, state);
                listener.epochEnded(state);
            }
            return state;
        }
    }

    private boolean outOfPatience(TrainingState state) {
        return options.patience() > 0 && state.epoch() - state.bestEpoch() >= options.patience();
    }

    private TrainingState finite(EpochRecord outcome, TrainingState before) {
        double[] losses = {outcome.training().loss(), outcome.validation().loss()};
        for (double loss : losses) {
            if (!Double.isFinite(loss)) {
                throw new DivergedException(outcome.epoch(), "the loss is " + loss);
            }
        }
        try {
            return before.after(outcome, engine.parameters());
        } catch (IllegalArgumentException e) {
            throw new DivergedException(outcome.epoch(), e.getMessage());
        }
    }

    private EpochRecord runEpoch(int epoch, StagedData training, StagedData validation) {
        long start = System.nanoTime();
        if (options.augment()) {
            training.augment(options.seed(), epoch);
        }
        Metrics trained = engine.trainEpoch(training, Shuffle.order(training.count(), options.seed(), epoch));
        long between = System.nanoTime();
        Metrics validated = engine.evaluate(validation);
        long end = System.nanoTime();
        return new EpochRecord(epoch, trained, validated, (between - start) / 1e9, (end - between) / 1e9);
    }
}
