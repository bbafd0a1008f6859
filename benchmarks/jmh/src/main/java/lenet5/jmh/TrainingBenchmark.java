package lenet5.jmh;

import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import lenet5.bench.Contender;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.data.synthetic.SyntheticDigits;
import lenet5.engine.Engine;
import lenet5.engine.GradientCheck;
import lenet5.engine.Metrics;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.nn.Network;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** A single training step with its wait for the result, and a whole epoch, by an engine of the library. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class TrainingBenchmark {

    /** Of an epoch, as many as MNIST's. */
    static final int EPOCH_IMAGES = 55_000;

    private static final float LEARNING_RATE = 0.01f;
    private static final long SEED = 1;

    @Param("reference")
    private String engine;

    @Param("32")
    private int batch;

    private Engine opened;
    private StagedData data;
    private int[] step;
    private int[] epoch;

    /** Checks the engine's gradient, then gives it the data; a wrong one ends the benchmark here. */
    @Setup
    public void open() {
        Network network = Models.lenet5();
        Settings settings = new Settings(batch, LEARNING_RATE);
        LabeledImages images = SyntheticDigits.splits(SEED, EPOCH_IMAGES, 1, 1).train();
        Normalization normalization = Normalization.of(images, network.input());
        opened = Contender.all().stream()
                .filter(contender -> contender.engine().equals(engine))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no engine " + engine + " on this machine"))
                .open(network, settings);
        new GradientCheck(network, settings, images, normalization)
                .problem(opened)
                .ifPresent(problem -> {
                    throw new IllegalStateException(engine + " computes wrong results: " + problem);
                });
        data = opened.stage(images, normalization);
        epoch = IntStream.range(0, EPOCH_IMAGES).toArray();
        step = IntStream.range(0, batch).toArray();
    }

    /** Long training ends in numbers so small that processors handle them slowly. */
    @Setup(Level.Iteration)
    public void restart() {
        opened.load(Initializer.glorotUniform(Models.lenet5(), SEED));
    }

    @Benchmark
    public Metrics step() {
        return opened.trainEpoch(data, step);
    }

    @Benchmark
    public Metrics epoch() {
        return opened.trainEpoch(data, epoch);
    }

    @TearDown
    public void close() {
        opened.close();
    }
}
