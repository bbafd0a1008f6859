package lenet5.opencl;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Epochs in one launch each or, by a pace, in launches of some milliseconds. Between those it may go over to launches for
 * each step, which end in the same bits: where other programs keep a processor busy, groups wait for one that has none, and a
 * step takes many times as long as it should.
 */
final class PersistentEpoch {

    /**
     * What a step takes either way, on a device that has nothing else to do.
     *
     * @param launch seconds a step of one launch for many
     * @param steps seconds a step with its own launches
     */
    record Pace(double launch, double steps) {

        /** What a launch takes at least, so that waiting for its end costs little. */
        private static final double LAUNCH_SECONDS = 0.01;
        /**
         * How much faster one launch may be than its trial, which runs beside the loading of images: a group that waits for
         * another feels that more.
         */
        private static final double TRIAL_SLOWED = 2;

        int stepsALaunch() {
            return (int) Math.max(1, Math.min(Integer.MAX_VALUE, LAUNCH_SECONDS / launch));
        }

        /** What one launch is expected to take a step. */
        double expected() {
            return launch / TRIAL_SLOWED;
        }
    }

    private final PersistentLaunch launch;
    private final int batchSize;
    private final Optional<Pace> pace;
    private final DeviceBuffer saved;
    private boolean saidSo;

    /** With a pace it may go over to launches for each step. */
    PersistentEpoch(PersistentLaunch launch, int batchSize, Optional<Pace> pace) {
        this.launch = launch;
        this.batchSize = batchSize;
        this.pace = pace;
        this.saved =
                launch.kernels().floats(launch.kernels().parameters().shape().size());
    }

    /**
     * Trains on the first {@code count} images of the order.
     *
     * @param messages hears a line when steps have launches each for the first time
     * @return false if the groups did not all come to the barrier; the parameters are as they were then
     */
    boolean train(FusedData data, int count, Consumer<String> messages) {
        DeviceBuffer parameters = launch.kernels().parameters();
        parameters.copyTo(saved);
        boolean trained =
                pace.isPresent() ? train(data, count, pace.get(), messages) : launch.train(data, 0, batchSize, count);
        if (!trained) {
            saved.copyTo(parameters);
        }
        return trained;
    }

    /** Runs as fast as either way is expected to be by what it took last. */
    private boolean train(FusedData data, int count, Pace trial, Consumer<String> messages) {
        Pace now = new Pace(trial.expected(), trial.steps());
        long most = (long) trial.stepsALaunch() * batchSize;
        for (int start = 0; start < count; start += most) {
            int images = (int) Math.min(most, count - start);
            double steps = (images - 1) / batchSize + 1;
            long begin = System.nanoTime();
            if (now.launch() <= now.steps()) {
                if (!launch.train(data, start, batchSize, images)) {
                    return false;
                }
                double seconds = (System.nanoTime() - begin) / 1e9 / steps;
                now = new Pace(mean(now.launch(), seconds), now.steps());
            } else {
                data.trainSteps(start, batchSize, images);
                launch.kernels().context().finish();
                double seconds = (System.nanoTime() - begin) / 1e9 / steps;
                report(now, trial, messages);
                now = new Pace(now.launch(), mean(now.steps(), seconds));
            }
        }
        return true;
    }

    private void report(Pace now, Pace trial, Consumer<String> messages) {
        if (!saidSo) {
            saidSo = true;
            messages.accept(String.format(
                    "one launch an epoch takes %.0f us a step, %.0f at its trial: the device is busy; running two launches"
                            + " a step wherever that is faster",
                    1e6 * now.launch(), 1e6 * trial.launch()));
        }
    }

    private static double mean(double a, double b) {
        return (a + b) / 2;
    }
}
