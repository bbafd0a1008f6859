package lenet5.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lenet5.cpu.CpuEngine;
import lenet5.data.Normalization;
import lenet5.data.Splits;
import lenet5.data.synthetic.SyntheticDigits;
import lenet5.engine.Engine;
import lenet5.engine.Metrics;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.train.EpochRecord;
import lenet5.train.Model;
import lenet5.train.Trainer;
import lenet5.train.TrainingOptions;
import lenet5.train.TrainingState;

/** A short training on drawn digits: some are read correctly after it, some are not. */
final class TestRun {

    static final int EPOCHS = 3;
    private static final int TEST = 200;
    private static final long SEED = 1;

    private TestRun() {}

    static ReportedRun train() {
        Network network = Models.lenet5();
        Splits data = SyntheticDigits.splits(SEED, 1000, 50, TEST);
        Normalization normalization = Normalization.of(data.train(), network.input());
        try (Engine engine = new CpuEngine(network, new Settings(8, 0.03f))) {
            List<EpochRecord> history = new Trainer(engine, new TrainingOptions(EPOCHS, SEED, 0, false))
                    .train(TrainingState.initial(network, SEED), data, normalization, epoch -> {})
                    .history();
            StagedData test = engine.stage(data.test(), normalization);
            return new ReportedRun(
                    engine.device(),
                    engine.name(),
                    Map.of("--seed", Long.toString(SEED)),
                    Optional.empty(),
                    data,
                    new Model(engine.parameters(), normalization, SEED, EPOCHS),
                    history,
                    engine.evaluate(test),
                    engine.logits(test));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The run with other logits: each image's {@code answers} is the one class that is likely. */
    static ReportedRun answering(ReportedRun run, int[] answers) {
        float[][] logits = new float[answers.length][run.testLogits()[0].length];
        int correct = 0;
        for (int i = 0; i < answers.length; i++) {
            logits[i][answers[i]] = 9;
            correct += answers[i] == run.data().test().labels()[i] ? 1 : 0;
        }
        return new ReportedRun(
                run.device(),
                run.engine(),
                run.options(),
                run.modelFile(),
                run.data(),
                run.model(),
                run.history(),
                new Metrics(run.test().loss(), correct, answers.length),
                logits);
    }
}
