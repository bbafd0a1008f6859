package lenet5.opencl;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.engine.Engine;
import lenet5.engine.Gradient;
import lenet5.engine.Metrics;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Network;
import lenet5.nn.Parameters;
import lenet5.nn.Shape;
import lenet5.ops.Augment;
import lenet5.ops.Augmentation;
import lenet5.ops.ElementType;
import lenet5.ops.Require;

/**
 * Runs any network with two launches a training step: {@code step_images} takes each image from its bytes to its gradients,
 * {@code step_weights} sums them over the batch and adds them to the weights. Where work-groups share an image, {@code
 * step_forward} and {@code step_backward} are in the place of the first. Evaluation is one launch a batch. All come from the
 * network's description, see {@link FusedSource}.
 */
public final class FusedEngine implements Engine {

    /** Images an evaluation looks at together: enough to fill any device. */
    private static final int EVALUATION_BATCH = 1000;

    /** An image's loss, and 1 if it was classified rightly. */
    private static final int OUTCOME = 2;

    private final DeviceContext context;
    private final Network network;
    private final int batchSize;
    private final FusedVariant variant;
    private final FusedPlan step;
    private final FusedPlan evaluation;
    private final FusedWork work;
    private final Source source;

    private final DeviceBuffer parameters;
    private final DeviceBuffer gradients;
    private final DeviceBuffer stepWorkspace;
    private final DeviceBuffer evaluationWorkspace;
    private final DeviceBuffer outcomes;
    private final DeviceBuffer logits;
    private final Launch descend;
    private final Launch differentiate;

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
        this(context, network, settings, variant.on(context.device().facts(), settings.batchSize()));
        if (variant == Variant.shares && !step.shares().isShared()) {
            throw new OpenClException(
                    "variant shares takes a convolution of several maps before the dense layers, and about 48 KiB of local"
                            + " memory; that is not network " + network.name() + " on " + context.device());
        }
    }

    FusedEngine(DeviceContext context, Network network, Settings settings, FusedVariant variant) {
        this.context = context;
        this.network = network;
        this.batchSize = settings.batchSize();
        this.variant = variant;
        this.step = FusedPlan.training(network, variant);
        this.evaluation = new FusedPlan(network, variant, false);
        this.work = new FusedWork(step);
        this.source = FusedSource.of(step, evaluation);

        this.parameters = floats(network.parameterCount());
        this.gradients = floats(network.parameterCount());
        this.stepWorkspace = floats(variant.blocks(batchSize), step.block().floats());
        this.evaluationWorkspace = floats(
                variant.blocks(EVALUATION_BATCH), Math.max(1, evaluation.block().floats()));
        this.outcomes = floats(wholeBlocks(Math.max(batchSize, EVALUATION_BATCH)), OUTCOME);
        this.logits = floats(wholeBlocks(EVALUATION_BATCH), network.classes());
        this.descend = updateOf(parameters, -settings.learningRate());
        this.differentiate = updateOf(gradients, 1);
    }

    /** {@code images} and those beside the last ones in their block. */
    private int wholeBlocks(int images) {
        return variant.blocks(images) * variant.lanes();
    }

    private DeviceBuffer floats(int... extents) {
        return context.allocate(ElementType.FLOAT, Shape.of(extents));
    }

    /** The launch that adds {@code factor} times the batch's gradient to {@code target}. */
    private Launch updateOf(DeviceBuffer target, float factor) {
        DeviceBuffer factors = floats(1);
        factors.write(new float[] {factor});
        return bind("step_weights", List.of(stepWorkspace, factors, target)).doing(work::stepWeights);
    }

    private Launch bind(String kernel, List<DeviceBuffer> buffers) {
        return context.bind(source, kernel, variant.defines(), buffers);
    }

    /** A data set on the device, with the orders it is gone through and the kernels bound to both. */
    private final class Staged implements StagedData {
        private final int count;
        private final LabeledImages original;
        private final DeviceBuffer images;
        private final DeviceBuffer order;
        private final List<Launch> stepImages;
        private final Launch evaluateImages;
        /** Null until it is needed. */
        private Augment augment;

        Staged(LabeledImages data, Normalization normalization) {
            DeviceBuffer size = ints(data.height(), data.width(), data.paddingTo(network.input()));
            count = data.count();
            original = data;
            images = context.allocate(ElementType.BYTE, Shape.of(count, data.height(), data.width()));
            images.write(data.pixels());
            DeviceBuffer labels =
                    ints(IntStream.range(0, count).map(i -> data.labels()[i]).toArray());
            DeviceBuffer scale = floats(2);
            scale.write(new float[] {Normalization.WHITE, normalization.mean()});
            DeviceBuffer naturalOrder = ints(IntStream.range(0, count).toArray());
            order = context.allocate(ElementType.INT, Shape.of(count));
            List<DeviceBuffer> buffers =
                    List.of(images, labels, order, size, scale, parameters, stepWorkspace, outcomes);
            stepImages = step.shares().isShared()
                    ? List.of(
                            bind("step_forward", buffers).doing(work::stepForward),
                            bind("step_backward", buffers).doing(work::stepBackward))
                    : List.of(bind("step_images", buffers).doing(work::stepImages));
            evaluateImages = bind(
                            "evaluate_images",
                            List.of(
                                    images,
                                    labels,
                                    naturalOrder,
                                    size,
                                    scale,
                                    parameters,
                                    evaluationWorkspace,
                                    outcomes,
                                    logits))
                    .doing(work::evaluateImages);
        }

        private DeviceBuffer ints(int... values) {
            DeviceBuffer buffer = context.allocate(ElementType.INT, Shape.of(values.length));
            buffer.write(values);
            return buffer;
        }

        @Override
        public int count() {
            return count;
        }

        @Override
        public void augment(long seed, int epoch) {
            if (augment == null) {
                DeviceBuffer originals = context.allocate(ElementType.BYTE, images.shape());
                originals.write(original.pixels());
                augment = new OpenClOps(context).augment(originals, images);
            }
            augment.run(Augmentation.key(seed, epoch));
        }

        FusedEngine engine() {
            return FusedEngine.this;
        }

        void setOrder(int[] indices) {
            requireOrder(indices);
            order.write(Arrays.copyOf(indices, count));
        }

        /** What a training step starts with: the batch's losses and gradients. */
        void step(int first, int batch) {
            long workItems = workItems(batch) * step.shares().count();
            for (Launch launch : stepImages) {
                launch.run(workItems, 1, 1, first, batch);
            }
        }

        void evaluate(int first, int batch) {
            evaluateImages.run(workItems(batch), 1, 1, first, batch);
        }
    }

    private long workItems(int batch) {
        return (long) variant.workers(batch) * variant.group();
    }

    private void update(Launch launch, int batch) {
        launch.run((long) step.weightGroups() * variant.weightsGroup(), 1, 1, batch);
    }

    /** What a training step takes from the device. */
    public Footprint footprint() {
        return work.footprint(batchSize);
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
        parameters.write(values.values());
    }

    @Override
    public Parameters parameters() {
        return new Parameters(network, parameters.readFloats());
    }

    @Override
    public StagedData stage(LabeledImages data, Normalization normalization) {
        return new Staged(data, normalization);
    }

    @Override
    public Metrics trainEpoch(StagedData data, int[] order) {
        Staged staged = own(data);
        staged.setOrder(order);
        clear(outcomes);
        for (int first = 0; first < order.length; first += batchSize) {
            int batch = Math.min(batchSize, order.length - first);
            staged.step(first, batch);
            update(descend, batch);
        }
        return metrics(order.length);
    }

    @Override
    public Gradient gradient(StagedData data, int[] batch) {
        Staged staged = own(data);
        Require.batch(batch.length, batchSize);
        staged.setOrder(batch);
        clear(outcomes);
        clear(gradients);
        staged.step(0, batch.length);
        update(differentiate, batch.length);
        return new Gradient(metrics(batch.length).loss(), new Parameters(network, gradients.readFloats()));
    }

    @Override
    public Metrics evaluate(StagedData data) {
        Staged staged = own(data);
        clear(outcomes);
        for (int first = 0; first < staged.count; first += EVALUATION_BATCH) {
            staged.evaluate(first, Math.min(EVALUATION_BATCH, staged.count - first));
        }
        return metrics(staged.count);
    }

    @Override
    public float[][] logits(StagedData data) {
        Staged staged = own(data);
        clear(outcomes);
        float[][] rows = new float[staged.count][];
        for (int first = 0; first < staged.count; first += EVALUATION_BATCH) {
            int batch = Math.min(EVALUATION_BATCH, staged.count - first);
            staged.evaluate(first, batch);
            float[] values = logits.readFloats();
            for (int n = 0; n < batch; n++) {
                rows[first + n] = Arrays.copyOfRange(values, n * network.classes(), (n + 1) * network.classes());
            }
        }
        return rows;
    }

    private static void clear(DeviceBuffer buffer) {
        buffer.write(new float[buffer.shape().size()]);
    }

    private Metrics metrics(int total) {
        double loss = 0;
        double correct = 0;
        float[] values = outcomes.readFloats();
        for (int n = 0; n < values.length; n += OUTCOME) {
            loss += values[n];
            correct += values[n + 1];
        }
        return new Metrics(loss / total, (int) correct, total);
    }

    private Staged own(StagedData data) {
        if (!(data instanceof Staged staged) || staged.engine() != this) {
            throw new IllegalArgumentException("the data was staged on another engine");
        }
        return staged;
    }

    @Override
    public void close() {
        context.close();
    }
}
