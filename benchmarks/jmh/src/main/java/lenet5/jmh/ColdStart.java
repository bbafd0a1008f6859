package lenet5.jmh;

import java.time.Instant;
import java.util.stream.IntStream;
import lenet5.bench.Contender;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.data.synthetic.SyntheticDigits;
import lenet5.engine.Engine;
import lenet5.engine.SelfTest;
import lenet5.engine.Settings;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.nn.Network;

/**
 * What a process does from its start on: opens and self-tests an engine as the commands do, trains one step, then draws
 * the data and trains an epoch. Prints the seconds since the moment given, for the first step and for the epoch.
 */
final class ColdStart {

    private static final int BATCH = 32;
    private static final float LEARNING_RATE = 0.01f;
    private static final long SEED = 1;

    private final double start;

    private ColdStart(double start) {
        this.start = start;
    }

    /** {@code ENGINE START}, the start in seconds since 1970. */
    public static void main(String[] arguments) {
        new ColdStart(Double.parseDouble(arguments[1])).run(arguments[0]);
        System.exit(0);
    }

    private void run(String name) {
        Contender contender = Contender.all().stream()
                .filter(candidate -> candidate.engine().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no engine " + name + " on this machine"));
        Network network = Models.lenet5();
        Settings settings = new Settings(BATCH, LEARNING_RATE);
        try (Engine engine = contender.open(network, settings)) {
            SelfTest.run(engine, network, settings);
            engine.load(Initializer.glorotUniform(network, SEED));
            train(engine, network, BATCH);
            System.out.printf("%.3f", seconds());
            train(engine, network, TrainingBenchmark.EPOCH_IMAGES);
            System.out.printf(" %.3f%n", seconds());
        }
    }

    private static void train(Engine engine, Network network, int images) {
        LabeledImages data = SyntheticDigits.splits(SEED, images, 1, 1).train();
        engine.trainEpoch(
                engine.stage(data, Normalization.of(data, network.input())),
                IntStream.range(0, images).toArray());
    }

    private double seconds() {
        Instant now = Instant.now();
        return now.getEpochSecond() + now.getNano() / 1e9 - start;
    }
}
