package lenet5.opencl.tune;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.data.synthetic.SyntheticDigits;
import lenet5.engine.GradientCheck;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Initializer;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.DeviceContext;
import lenet5.opencl.OpenClException;
import lenet5.opencl.fused.Candidate;
import lenet5.opencl.fused.FusedEngine;
import lenet5.opencl.fused.FusedEngines;
import lenet5.opencl.fused.Variant;
import lenet5.opencl.fused.plan.Knob;
import lenet5.opencl.fused.plan.Knobs;

/**
 * Finds the variant and the knobs with which the fused engine trains fastest on a device. Every candidate's gradient is
 * compared with the reference's before it is timed; the winner is kept on disk, where {@link FusedEngines} finds it.
 */
public final class Tuner {

    private static final long SEED = 1;
    private static final float LEARNING_RATE = 0.01f;
    /** Images of an epoch, at least: some hundred steps of the usual batch. */
    private static final int IMAGES = 16_384;
    /** The largest batch whose gradient is checked; the reference takes a second for it. */
    private static final int CHECKED_BATCH = 1024;
    /** What a run lasts at least, so that the clock and the first launch do not matter. */
    private static final double RUN_SECONDS = 0.1;

    /**
     * A candidate that was tried.
     *
     * @param candidate its variant and knobs
     * @param seconds a step; empty if it was refused
     * @param bestSeconds a step of the best one so far, in the same minute
     * @param best whether it is the best from now on
     * @param refusal why it was not timed, if so: it cannot be built, or computes wrong results
     */
    public record Attempt(
            String candidate, OptionalDouble seconds, double bestSeconds, boolean best, Optional<String> refusal) {

        static Attempt timed(Candidate candidate, double seconds, double bestSeconds, boolean best) {
            return new Attempt(candidate.toString(), OptionalDouble.of(seconds), bestSeconds, best, Optional.empty());
        }

        static Attempt refused(Candidate candidate, String reason) {
            return new Attempt(candidate.toString(), OptionalDouble.empty(), 0, false, Optional.of(reason));
        }
    }

    /**
     * What was found.
     *
     * @param shippedVariant the variant that is taken untuned
     * @param variant the fastest
     * @param changes its knobs that are not as they are shipped
     * @param shippedSeconds a step, untuned
     * @param seconds a step with the best; as long as {@code shippedSeconds} if nothing is faster
     * @param tried candidates, the shipped one included
     * @param refused those of them that failed or computed wrong results
     * @param complete whether there was time for all
     * @param file where it is kept; empty if nothing faster than the shipped knobs was found
     */
    public record Tuned(
            String shippedVariant,
            String variant,
            List<Change> changes,
            double shippedSeconds,
            double seconds,
            int tried,
            int refused,
            boolean complete,
            Optional<Path> file) {}

    /**
     * A knob with another value.
     *
     * @param knob its name
     * @param shipped the value that {@code variant} is shipped with
     * @param tuned the value found
     */
    public record Change(String knob, int shipped, int tuned) {}

    private final Device device;
    private final Network network;
    private final int batchSize;
    private final LabeledImages data;
    private final Normalization normalization;
    private final GradientCheck check;

    /** A tuner for training steps of {@code batchSize} images; has the reference compute a gradient. */
    public Tuner(Device device, Network network, int batchSize) {
        this.device = device;
        this.network = network;
        this.batchSize = batchSize;
        this.data =
                SyntheticDigits.splits(SEED, Math.max(IMAGES, batchSize), 1, 1).train();
        this.normalization = Normalization.of(data, network.input());
        Settings checked = new Settings(Math.min(batchSize, CHECKED_BATCH), LEARNING_RATE);
        this.check = new GradientCheck(network, checked, data, normalization);
    }

    /**
     * Searches for about {@code seconds}, from what is shipped and what was kept before, and keeps the winner in its place.
     *
     * @param onAttempt hears of each candidate
     * @throws IOException if the winner cannot be kept
     * @throws RuntimeException whatever is wrong with the shipped knobs on this device
     */
    public Tuned run(double seconds, Consumer<Attempt> onAttempt) throws IOException {
        Device.Facts facts = device.facts();
        Candidate shipped = Candidate.shipped(Variant.auto, facts, batchSize);
        TuningCache cache = TuningCache.user();
        Stream<Candidate> kept = cache.find(facts, network, batchSize, damage -> {}).stream();
        Stream<Candidate> variants = Stream.of(Variant.values())
                .filter(variant -> variant.suits(facts) && variant != shipped.variant())
                .map(variant -> Candidate.shipped(variant, facts, batchSize));
        TuningSearch search = new TuningSearch(engines(), System::nanoTime, (long) (seconds * 1e9), onAttempt);
        TuningSearch.Result result =
                search.run(shipped, Stream.concat(kept, variants).toList());
        Optional<Path> file = Optional.empty();
        if (!result.best().equals(shipped)) {
            file = Optional.of(cache.keep(result.best(), facts, network, batchSize));
        } else if (result.complete()) {
            cache.forget(facts, network, batchSize);
        }
        return new Tuned(
                shipped.variant().name(),
                result.best().variant().name(),
                changes(result.best()),
                result.shippedSeconds(),
                result.seconds(),
                result.tried(),
                result.refused(),
                result.complete(),
                file);
    }

    private List<Change> changes(Candidate best) {
        Knobs shipped =
                Candidate.shipped(best.variant(), device.facts(), batchSize).knobs();
        return best.knobs().values().entrySet().stream()
                .filter(value -> shipped.get(value.getKey()) != value.getValue())
                .map(value -> new Change(value.getKey().toString(), shipped.get(value.getKey()), value.getValue()))
                .toList();
    }

    /** The fused engines that there could be on the device. */
    TuningSearch.Space engines() {
        return new Engines();
    }

    private final class Engines implements TuningSearch.Space {

        @Override
        public Optional<Candidate> with(Candidate candidate, Knob knob, int value) {
            return candidate.with(knob, value, device.facts(), batchSize);
        }

        @Override
        public String kernels(Candidate candidate) {
            return candidate.kernels(device.facts(), network, batchSize);
        }

        /** Builds the engine and checks its gradient. */
        @Override
        public TuningSearch.Trial open(Candidate candidate) {
            DeviceContext context = DeviceContext.open(device);
            try {
                Settings settings = new Settings(batchSize, LEARNING_RATE);
                FusedEngine engine = FusedEngines.open(context, network, settings, candidate, false, problem -> {
                    throw new OpenClException(problem);
                });
                check.problem(engine).ifPresent(problem -> {
                    throw new IllegalStateException("it computes wrong results (" + problem + ")");
                });
                return new Epochs(engine);
            } catch (RuntimeException e) {
                context.close();
                throw e;
            }
        }
    }

    /** Trains an engine on the images again and again. */
    private final class Epochs implements TuningSearch.Trial {

        private final FusedEngine engine;
        private final StagedData staged;
        private final int[] order = IntStream.range(0, data.count()).toArray();
        private final int epochs;

        Epochs(FusedEngine engine) {
            this.engine = engine;
            this.staged = engine.stage(data, normalization);
            engine.load(Initializer.glorotUniform(network, SEED));
            this.epochs = (int) Math.ceil(RUN_SECONDS / seconds(1));
        }

        private double seconds(int count) {
            long start = System.nanoTime();
            for (int i = 0; i < count; i++) {
                engine.trainEpoch(staged, order);
            }
            return (System.nanoTime() - start) / 1e9;
        }

        @Override
        public double run() {
            int steps = (order.length + batchSize - 1) / batchSize;
            return seconds(epochs) / (epochs * steps);
        }

        @Override
        public void close() {
            staged.close();
            engine.close();
        }
    }
}
