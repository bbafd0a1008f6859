package lenet5.opencl;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.engine.Engine;
import lenet5.engine.Gradient;
import lenet5.engine.Metrics;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Network;
import lenet5.nn.Parameters;
import lenet5.ops.Require;

/**
 * Runs any network with two launches a training step: {@code step_images} takes each image from its bytes to its gradients,
 * {@code step_weights} sums them over the batch and adds them to the weights. Other variants have other launches in the place
 * of the first, or one for a whole epoch, see {@link Variant}. Evaluation is one launch a batch. All come from the network's
 * description, see {@link FusedSource}.
 */
public final class FusedEngine implements Engine {

    private final DeviceContext context;
    private final Network network;
    private final int batchSize;
    private final FusedKernels kernels;
    private final DeviceBuffer gradients;
    private final Launch differentiate;
    private final Consumer<String> messages;
    /** Empty where every step is launched. */
    private Optional<PersistentLaunch> persistent;
    /** Empty with shipped parameters. */
    private Optional<String> tuning = Optional.empty();

    /**
     * Builds the kernels and allocates what they need.
     *
     * @param context closes with the engine
     * @throws OpenClException if the device cannot take them
     */
    public FusedEngine(DeviceContext context, Network network, Settings settings) {
        this(context, network, settings, Variant.auto);
    }

    /**
     * As the other, with the kernels of {@code variant}.
     *
     * @throws OpenClException also if these need more local memory than there is, or another network
     */
    public FusedEngine(DeviceContext context, Network network, Settings settings, Variant variant) {
        this(context, network, settings, variant, message -> {});
    }

    /**
     * As the other. Parameters that {@link Tuner} found take the place of the shipped ones.
     *
     * @param messages hears a line if what the tuner left cannot be used, and where one launch an epoch was wanted, but each
     *     step has its launches
     */
    public FusedEngine(
            DeviceContext context, Network network, Settings settings, Variant variant, Consumer<String> messages) {
        this(
                context,
                network,
                settings,
                Setup.chosen(variant, context.device().facts(), network, settings.batchSize(), messages),
                variant,
                messages);
        if (variant == Variant.persistent && !variant.suits(context.device().facts())) {
            stepByStep("is for PoCL's CPUs and NVIDIA's GPUs");
        } else if (variant == Variant.auto && tuning.isEmpty()) {
            persistent = persistent.filter(launch -> new PersistentTrial(kernels, launch, batchSize).isWorthwhile());
        }
    }

    /** With exactly {@code setup}. */
    FusedEngine(DeviceContext context, Network network, Settings settings, Setup setup, Consumer<String> messages) {
        this(context, network, settings, setup, setup.variant(), messages);
    }

    /** With {@code setup}, or whole images where that does not fit, unless {@code asked} insists. */
    private FusedEngine(
            DeviceContext context,
            Network network,
            Settings settings,
            Setup setup,
            Variant asked,
            Consumer<String> messages) {
        this(
                context,
                network,
                settings,
                setup.on(context.device().facts(), settings.batchSize()),
                setup.barrier(context.device().facts()),
                messages);
        this.tuning = setup.tuned() ? Optional.of(setup.toString()) : Optional.empty();
        if (asked == Variant.shares && !kernels.step().shares().isShared()) {
            throw new OpenClException(
                    "variant shares takes a convolution of several maps before the dense layers, and about 48 KiB of local"
                            + " memory; that is not network " + network.name() + " on " + context.device());
        }
        if (asked == Variant.tiles && kernels.step().tiles().isEmpty()) {
            throw new OpenClException(
                    "variant tiles takes convolutions of few maps before dense layers, and about 48 KiB of local memory;"
                            + " that is not network " + network.name() + " on " + context.device());
        }
    }

    /** With launches for each step. */
    FusedEngine(DeviceContext context, Network network, Settings settings, FusedVariant variant) {
        this(context, network, settings, variant, Optional.empty(), message -> {});
    }

    /** With one launch an epoch, if there is a barrier for it and it works. */
    FusedEngine(
            DeviceContext context,
            Network network,
            Settings settings,
            FusedVariant variant,
            Optional<GridBarrier> barrier,
            Consumer<String> messages) {
        this.context = context;
        this.network = network;
        this.batchSize = settings.batchSize();
        this.kernels = new FusedKernels(context, network, settings, variant);
        this.gradients = kernels.floats(network.parameterCount());
        this.differentiate = kernels.updateOf(gradients, kernels.factor(1));
        this.messages = messages;
        this.persistent = barrier.map(groups -> new PersistentLaunch(kernels, groups));
        persistent.flatMap(this::problem).ifPresent(problem -> stepByStep("does not work: " + problem));
    }

    private Optional<String> problem(PersistentLaunch launch) {
        try {
            return new PersistentTrial(kernels, launch, batchSize).problem();
        } catch (RuntimeException e) { // whatever a driver fails with, there is another way
            return e.getMessage().lines().findFirst();
        }
    }

    private void stepByStep(String reason) {
        persistent = Optional.empty();
        messages.accept("one launch an epoch " + reason + " (" + context.device() + "); running two launches a step");
    }

    /** The variant and the parameters that {@link Tuner} found, for people, if they are in use. */
    public Optional<String> tuning() {
        return tuning;
    }

    /** What a training step takes from the device. */
    public Footprint footprint() {
        Footprint footprint = kernels.work().footprint(batchSize);
        return persistent.isPresent() ? footprint.persistent() : footprint;
    }

    @Override
    public String name() {
        return "fused";
    }

    @Override
    public String device() {
        return context.device().toString();
    }

    @Override
    public void load(Parameters values) {
        kernels.parameters().write(values.values());
    }

    @Override
    public Parameters parameters() {
        return new Parameters(network, kernels.parameters().readFloats());
    }

    @Override
    public StagedData stage(LabeledImages data, Normalization normalization) {
        return new FusedData(kernels, data, normalization);
    }

    @Override
    public Metrics trainEpoch(StagedData data, int[] order) {
        FusedData staged = own(data);
        staged.setOrder(order);
        kernels.clearOutcomes();
        if (persistent.isPresent() && !persistent.get().train(staged, batchSize, order.length)) {
            stepByStep("failed: its work-groups did not come together");
            kernels.clearOutcomes();
        }
        if (persistent.isEmpty()) {
            staged.trainSteps(batchSize, order.length);
        }
        return metrics(order.length);
    }

    @Override
    public Gradient gradient(StagedData data, int[] batch) {
        FusedData staged = own(data);
        Require.batch(batch.length, batchSize);
        staged.setOrder(batch);
        kernels.clearOutcomes();
        gradients.write(new float[network.parameterCount()]);
        staged.step(0, batch.length);
        kernels.update(differentiate, batch.length);
        return new Gradient(metrics(batch.length).loss(), new Parameters(network, gradients.readFloats()));
    }

    @Override
    public Metrics evaluate(StagedData data) {
        FusedData staged = own(data);
        kernels.clearOutcomes();
        for (int first = 0; first < staged.count(); first += FusedKernels.EVALUATION_BATCH) {
            staged.evaluate(first, Math.min(FusedKernels.EVALUATION_BATCH, staged.count() - first));
        }
        return metrics(staged.count());
    }

    @Override
    public float[][] logits(StagedData data) {
        FusedData staged = own(data);
        kernels.clearOutcomes();
        float[][] rows = new float[staged.count()][];
        for (int first = 0; first < staged.count(); first += FusedKernels.EVALUATION_BATCH) {
            int batch = Math.min(FusedKernels.EVALUATION_BATCH, staged.count() - first);
            staged.evaluate(first, batch);
            float[] values = kernels.logits().readFloats();
            for (int n = 0; n < batch; n++) {
                rows[first + n] = Arrays.copyOfRange(values, n * network.classes(), (n + 1) * network.classes());
            }
        }
        return rows;
    }

    private Metrics metrics(int total) {
        double loss = 0;
        double correct = 0;
        float[] values = kernels.outcomes().readFloats();
        for (int n = 0; n < values.length; n += FusedKernels.OUTCOME) {
            loss += values[n];
            correct += values[n + 1];
        }
        return new Metrics(loss / total, (int) correct, total);
    }

    private FusedData own(StagedData data) {
        if (!(data instanceof FusedData staged) || !staged.isFor(kernels)) {
            throw new IllegalArgumentException("the data was staged on another engine");
        }
        return staged;
    }

    @Override
    public void close() {
        context.close();
    }
}
