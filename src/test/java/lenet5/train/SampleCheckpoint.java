package lenet5.train;

import java.util.ArrayList;
import java.util.List;
import lenet5.data.Normalization;
import lenet5.engine.Metrics;
import lenet5.engine.Settings;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.nn.Network;

/** Checkpoints of a run that nobody has trained. */
public final class SampleCheckpoint {

    /** The epoch with the lowest validation loss. */
    public static final int BEST = 2;

    private SampleCheckpoint() {}

    /** After {@code epochs}, at least {@link #BEST}. */
    public static Checkpoint after(int epochs) {
        return after(epochs, new TrainingOptions(20, 7, 0, false));
    }

    static Checkpoint after(int epochs, TrainingOptions options) {
        Run run = new Run(
                options,
                new Settings(16, 0.1f),
                1,
                "synthetic",
                "auto",
                "auto",
                "auto",
                "0".repeat(64),
                "CPU, engine simd");
        List<EpochRecord> history = new ArrayList<>();
        for (int epoch = 1; epoch <= epochs; epoch++) {
            Metrics training = new Metrics(1.0 / epoch, 10 * epoch, 1000);
            Metrics validation = new Metrics(0.1 + Math.abs(epoch - BEST), epoch, 100);
            history.add(new EpochRecord(epoch, training, validation, 0.5, Math.nextUp(0.25)));
        }
        Network network = Models.lenet5();
        TrainingState state = new TrainingState(
                Initializer.glorotUniform(network, epochs), Initializer.glorotUniform(network, BEST), history);
        return new Checkpoint(run, new Normalization(0.1f), state);
    }
}
