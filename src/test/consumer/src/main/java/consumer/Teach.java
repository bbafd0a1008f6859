package consumer;

import java.io.IOException;
import lenet5.cpu.CpuEngine;
import lenet5.data.Normalization;
import lenet5.data.Splits;
import lenet5.data.synthetic.SyntheticDigits;
import lenet5.engine.Engine;
import lenet5.engine.Settings;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.train.Model;
import lenet5.train.ModelFile;
import lenet5.train.Trainer;
import lenet5.train.TrainingOptions;
import lenet5.train.TrainingState;

/** Teaches a network to read a few thousand synthetic digits; writes the model to standard output. */
public final class Teach {

    private static final int EPOCHS = 3;
    private static final long SEED = 1;

    private Teach() {}

    public static void main(String[] arguments) throws IOException {
        Network network = Models.lenet5();
        Splits digits = SyntheticDigits.splits(SEED, 10_000, 500, 1);
        Normalization normalization = Normalization.of(digits.train(), network.input());
        try (Engine engine = new CpuEngine(network, new Settings(32, 0.1f))) {
            TrainingState end = new Trainer(engine, new TrainingOptions(EPOCHS, SEED, 0, false))
                    .train(
                            TrainingState.initial(network, SEED),
                            digits,
                            normalization,
                            state -> System.err.println("epoch " + state.epoch()));
            ModelFile.write(System.out, new Model(end.parameters(), normalization, SEED, EPOCHS));
        }
    }
}
