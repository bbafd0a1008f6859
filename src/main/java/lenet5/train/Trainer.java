package lenet5.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import lenet5.data.Normalization;
import lenet5.data.Splits;
import lenet5.engine.Engine;
import lenet5.engine.Metrics;
import lenet5.engine.StagedData;
import lenet5.nn.Initializer;
import lenet5.nn.Network;

/** Trains a network on an engine: initialize, then for each epoch shuffle, train and validate. */
public final class Trainer {

    private final Engine engine;
    private final TrainingOptions options;

    /** A trainer on {@code engine}, which stays the caller's to close. */
    public Trainer(Engine engine, TrainingOptions options) {
        this.engine = engine;
        this.options = options;
    }

    /**
     * Trains from a fresh start.
     *
     * @param onEpoch told of each epoch as it ends
     * @return the history, one record an epoch; the parameters are the engine's
     * @throws DivergedException if a loss becomes infinite or NaN
     */
    public List<EpochRecord> train(
            Network network, Splits data, Normalization normalization, Consumer<EpochRecord> onEpoch) {
        engine.load(Initializer.glorotUniform(network, options.seed()));
        StagedData training = engine.stage(data.train(), normalization);
        StagedData validation = engine.stage(data.validation(), normalization);
        List<EpochRecord> history = new ArrayList<>();
        for (int epoch = 1; epoch <= options.epochs(); epoch++) {
            EpochRecord outcome = runEpoch(epoch, training, validation);
            if (!Double.isFinite(outcome.training().loss())
                    || !Double.isFinite(outcome.validation().loss())) {
                throw new DivergedException(epoch, outcome.training().loss());
            }
            history.add(outcome);
            onEpoch.accept(outcome);
        }
        return history;
    }

    private EpochRecord runEpoch(int epoch, StagedData training, StagedData validation) {
        long start = System.nanoTime();
        Metrics trained = engine.trainEpoch(training, Shuffle.order(training.count(), options.seed(), epoch));
        long between = System.nanoTime();
        Metrics validated = engine.evaluate(validation);
        long end = System.nanoTime();
        return new EpochRecord(epoch, trained, validated, (between - start) / 1e9, (end - between) / 1e9);
    }
}
