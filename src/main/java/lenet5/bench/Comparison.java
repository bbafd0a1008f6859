package lenet5.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Predicate;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.engine.Engine;
import lenet5.engine.GradientCheck;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Initializer;
import lenet5.nn.Network;

/** Every engine at every batch size: checked against the reference first, and timed only if it is right. */
public final class Comparison {

    private static final float LEARNING_RATE = 0.01f;
    private static final long SEED = 1;

    private final Network network;
    private final LabeledImages data;
    private final Normalization normalization;
    private final Stopwatch stopwatch;

    /**
     * One engine at one batch size; exactly one of time and problem is there.
     *
     * @param contender who
     * @param batchSize images a step
     * @param time how fast
     * @param problem why it was not timed: a wrong result or a failure
     */
    public record Row(Contender contender, int batchSize, Optional<Stopwatch.Time> time, Optional<String> problem) {}

    /** A comparison on {@code data}; {@code stopwatch} decides how long each row takes. */
    public Comparison(Network network, LabeledImages data, Stopwatch stopwatch) {
        this.network = network;
        this.data = data;
        this.normalization = Normalization.of(data, network.input());
        this.stopwatch = stopwatch;
    }

    /**
     * Measures.
     *
     * @param onRow told of each row as it is there
     * @param batchSizes none larger than the data set
     */
    public List<Row> run(List<Contender> contenders, List<Integer> batchSizes, Consumer<Row> onRow) {
        List<Row> rows = new ArrayList<>();
        for (int batchSize : batchSizes) {
            Settings settings = new Settings(batchSize, LEARNING_RATE);
            GradientCheck check = new GradientCheck(network, settings, data, normalization);
            for (Contender contender : contenders) {
                Row row = row(contender, settings, check);
                rows.add(row);
                onRow.accept(row);
            }
        }
        return rows;
    }

    private Row row(Contender contender, Settings settings, GradientCheck check) {
        Optional<Stopwatch.Time> time = Optional.empty();
        Optional<String> problem;
        try (Engine engine = contender.open(network, settings)) {
            problem = check.problem(engine).map(difference -> "wrong results: " + difference);
            if (problem.isEmpty()) {
                engine.load(Initializer.glorotUniform(network, SEED));
                try (StagedData staged = engine.stage(data, normalization)) {
                    time = Optional.of(stopwatch.measure(engine, staged, settings.batchSize()));
                }
            }
        } catch (RuntimeException e) { // whatever a driver fails with, the others are measured
            problem = Optional.of("failed: " + e.getMessage());
        }
        return new Row(contender, settings.batchSize(), time, problem);
    }

    /**
     * The smallest measured batch size from which on the best OpenCL engine is faster than the best CPU engine; empty if
     * it is not at the largest, or if one of both kinds is missing.
     */
    public static OptionalInt crossover(List<Row> rows) {
        OptionalInt crossover = OptionalInt.empty();
        for (int batchSize :
                rows.stream().mapToInt(Row::batchSize).distinct().sorted().toArray()) {
            OptionalDouble openCl = best(rows, batchSize, Contender::isOpenCl);
            OptionalDouble cpu = best(rows, batchSize, contender -> !contender.isOpenCl());
            boolean overtakes = openCl.isPresent() && cpu.isPresent() && openCl.getAsDouble() < cpu.getAsDouble();
            if (!overtakes) {
                crossover = OptionalInt.empty();
            } else if (crossover.isEmpty()) {
                crossover = OptionalInt.of(batchSize);
            }
        }
        return crossover;
    }

    private static OptionalDouble best(List<Row> rows, int batchSize, Predicate<Contender> wanted) {
        return rows.stream()
                .filter(row -> row.batchSize() == batchSize && wanted.test(row.contender()))
                .flatMap(row -> row.time().stream())
                .mapToDouble(Stopwatch.Time::epochSeconds)
                .min();
    }
}
