package lenet5.opencl.fused.persistent;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import lenet5.opencl.DeviceBuffer;
import lenet5.opencl.fused.kernels.FusedData;

/**
 * Epochs in one launch each or, by a pace, in launches of some milliseconds. Between those it may go over to launches for
 * each step, which end in the same bits: where other programs keep a processor busy, groups wait for one that has none, and a
 * step takes many times as long as it should.
 */
public final class PersistentEpoch {

    /**
     * What a step takes either way, at least.
     *
     * @param atOnce seconds a step of one launch for many
     * @param stepByStep seconds a step with its own launches
     */
    public record Pace(double atOnce, double stepByStep) {}

    /** What a launch takes about, so that waiting for its end costs little. */
    private static final double LAUNCH_SECONDS = 0.02;
    /** How much longer steps at once have to take than others before it goes over: every program is held up now and then. */
    private static final double FAR_LONGER = 1.25;
    /** How many launches of an epoch the fastest so far counts for. */
    private static final int TRUST = 2;

    private final PersistentLaunch launch;
    private final int batchSize;
    private final DeviceBuffer saved;
    /** Of all launches up to now; empty if it may not go over. */
    private Optional<Pace> fastest;
    /** What the last launch of steps at once took a step. */
    private double latest;

    private boolean saidSo;

    /** With a pace to begin with it may go over to launches for each step. */
    public PersistentEpoch(PersistentLaunch launch, int batchSize, Optional<Pace> pace) {
        this.launch = launch;
        this.batchSize = batchSize;
        this.fastest = pace;
        this.latest = pace.map(Pace::atOnce).orElse(0.0);
        this.saved =
                launch.kernels().floats(launch.kernels().parameters().shape().size());
    }

    /**
     * Trains on the first {@code count} images of the order.
     *
     * @param messages hears a line when steps have launches each for the first time
     * @return false if the groups did not all come to the barrier; the parameters are as they were then
     */
    public boolean train(FusedData data, int count, Consumer<String> messages) {
        DeviceBuffer parameters = launch.kernels().parameters();
        parameters.copyTo(saved);
        boolean trained = fastest.isPresent()
                ? trainAtPace(data, count, fastest.get(), messages)
                : launch.train(data, 0, batchSize, count);
        if (!trained) {
            saved.copyTo(parameters);
        }
        return trained;
    }

    /** Begins with steps at once, then goes on the way whose launches of this epoch take less. */
    private boolean trainAtPace(FusedData data, int count, Pace before, Consumer<String> messages) {
        Mean atOnce = new Mean(before.atOnce());
        Mean stepByStep = new Mean(before.stepByStep());
        int images;
        for (int start = 0; start < count; start += images) {
            boolean once = start == 0 || atOnce.value() <= FAR_LONGER * stepByStep.value();
            double step = once ? latest : stepByStep.value();
            images = (int) Math.min(count - start, batchSize * Math.max(1, (long) (LAUNCH_SECONDS / step)));
            long begin = System.nanoTime();
            if (once && !launch.train(data, start, batchSize, images)) {
                return false;
            } else if (!once) {
                report(atOnce, stepByStep, messages);
                data.trainSteps(start, batchSize, images);
                launch.kernels().context().finish();
            }
            double seconds = (System.nanoTime() - begin) / 1e9 / ((images - 1) / batchSize + 1);
            (once ? atOnce : stepByStep).add(seconds);
            latest = once ? seconds : latest;
        }
        fastest = Optional.of(new Pace(atOnce.least, stepByStep.least));
        return true;
    }

    /** The mean of what launches take a step. */
    private static final class Mean {

        private double sum;
        private int count = TRUST;
        private double least;

        Mean(double before) {
            this.sum = count * before;
            this.least = before;
        }

        double value() {
            return sum / count;
        }

        void add(double seconds) {
            sum += seconds;
            count++;
            least = Math.min(least, seconds);
        }
    }

    private void report(Mean atOnce, Mean stepByStep, Consumer<String> messages) {
        if (!saidSo) {
            saidSo = true;
            messages.accept(String.format(
                    Locale.ROOT,
                    "one launch an epoch takes %,.0f us a step, two launches a step %,.0f, as on a busy device; running these"
                            + " where they are faster",
                    1e6 * atOnce.value(),
                    1e6 * stepByStep.value()));
        }
    }
}
