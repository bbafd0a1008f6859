package lenet5.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import lenet5.engine.Engine;
import lenet5.engine.StagedData;
import lenet5.train.Shuffle;

/**
 * Times the training of an engine within a budget: whole epochs where they fit, else as many of an epoch's first steps
 * as do, scaled.
 */
public final class Stopwatch {

    private static final long SEED = 1;
    private static final int RUNS = 3;

    private final double budgetSeconds;

    /** Spends about {@code budgetSeconds} on a measurement, half of it on warming up; at least four steps. */
    public Stopwatch(double budgetSeconds) {
        this.budgetSeconds = budgetSeconds;
    }

    /**
     * One measurement.
     *
     * @param batchSize images a step
     * @param steps of an epoch that were run at a time
     * @param epochSteps of a whole epoch
     * @param epochSeconds the median time of an epoch, shuffle included, scaled if {@code steps} is less than {@code epochSteps}
     * @param images of an epoch
     */
    public record Time(int batchSize, int steps, int epochSteps, double epochSeconds, int images) {

        public double imagesPerSecond() {
            return images / epochSeconds;
        }

        public double stepSeconds() {
            return epochSeconds / epochSteps;
        }

        public boolean isScaled() {
            return steps < epochSteps;
        }
    }

    /**
     * Trains on {@code data} and takes the time; the engine's parameters are used up.
     *
     * @param batchSize the engine's
     */
    public Time measure(Engine engine, StagedData data, int batchSize) {
        int epochSteps = (data.count() + batchSize - 1) / batchSize;
        double share = budgetSeconds / 2 / RUNS;
        int steps = 1;
        double stepSeconds;
        double spent = 0;
        do {
            double seconds = seconds(engine, data, steps * batchSize);
            stepSeconds = seconds / steps;
            spent += seconds;
            if (seconds < share / 2) {
                steps = Math.min(2 * steps, epochSteps);
            }
        } while (spent < budgetSeconds / 2);
        steps = (int) Math.max(1, Math.min(epochSteps, share / stepSeconds));
        List<Double> runs = new ArrayList<>();
        for (int i = 0; i < RUNS; i++) {
            runs.add(seconds(engine, data, steps * batchSize));
        }
        Collections.sort(runs);
        return new Time(batchSize, steps, epochSteps, runs.get(RUNS / 2) * epochSteps / steps, data.count());
    }

    private static double seconds(Engine engine, StagedData data, int images) {
        long start = System.nanoTime();
        int[] order = Shuffle.order(data.count(), SEED, 1);
        engine.trainEpoch(data, images < order.length ? Arrays.copyOf(order, images) : order);
        return (System.nanoTime() - start) / 1e9;
    }
}
