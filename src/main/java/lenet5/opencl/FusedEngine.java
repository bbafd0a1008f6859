package lenet5.opencl;

import java.util.Arrays;
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
 * {@code step_weights} sums them over the batch and adds them to the weights. Where work-groups share an image, {@code
 * step_forward} and {@code step_backward} are in the place of the first; where groups work on several images, {@code
 * step_forward} to {@code step_gradients}. Evaluation is one launch a batch. All come from the
 * network's description, see {@link FusedSource}.
 */
public final class FusedEngine implements Engine {

    private final DeviceContext context;
    private final Network network;
    private final int batchSize;
    private final FusedKernels kernels;
    private final DeviceBuffer gradients;
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
        if (variant == Variant.shares && !kernels.step().shares().isShared()) {
            throw new OpenClException(
                    "variant shares takes a convolution of several maps before the dense layers, and about 48 KiB of local"
                            + " memory; that is not network " + network.name() + " on " + context.device());
        }
        if (variant == Variant.tiles && kernels.step().tiles().isEmpty()) {
            throw new OpenClException(
                    "variant tiles takes convolutions of few maps before dense layers, and about 48 KiB of local memory;"
                            + " that is not network " + network.name() + " on " + context.device());
        }
    }

    FusedEngine(DeviceContext context, Network network, Settings settings, FusedVariant variant) {
        this.context = context;
        this.network = network;
        this.batchSize = settings.batchSize();
        this.kernels = new FusedKernels(context, network, settings, variant);
        this.gradients = kernels.floats(network.parameterCount());
        this.descend = kernels.updateOf(kernels.parameters(), -settings.learningRate());
        this.differentiate = kernels.updateOf(gradients, 1);
    }

    private void update(Launch launch, int batch) {
        launch.run((long) kernels.step().weightGroups() * kernels.variant().weightsGroup(), 1, 1, batch);
    }

    /** What a training step takes from the device. */
    public Footprint footprint() {
        return kernels.work().footprint(batchSize);
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
        clear(kernels.outcomes());
        for (int first = 0; first < order.length; first += batchSize) {
            int batch = Math.min(batchSize, order.length - first);
            staged.step(first, batch);
            update(descend, batch);
        }
        return metrics(order.length);
    }

    @Override
    public Gradient gradient(StagedData data, int[] batch) {
        FusedData staged = own(data);
        Require.batch(batch.length, batchSize);
        staged.setOrder(batch);
        clear(kernels.outcomes());
        clear(gradients);
        staged.step(0, batch.length);
        update(differentiate, batch.length);
        return new Gradient(metrics(batch.length).loss(), new Parameters(network, gradients.readFloats()));
    }

    @Override
    public Metrics evaluate(StagedData data) {
        FusedData staged = own(data);
        clear(kernels.outcomes());
        for (int first = 0; first < staged.count(); first += FusedKernels.EVALUATION_BATCH) {
            staged.evaluate(first, Math.min(FusedKernels.EVALUATION_BATCH, staged.count() - first));
        }
        return metrics(staged.count());
    }

    @Override
    public float[][] logits(StagedData data) {
        FusedData staged = own(data);
        clear(kernels.outcomes());
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

    private static void clear(DeviceBuffer buffer) {
        buffer.write(new float[buffer.shape().size()]);
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
