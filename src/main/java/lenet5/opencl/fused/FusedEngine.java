package lenet5.opencl.fused;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.engine.Engine;
import lenet5.engine.Gradient;
import lenet5.engine.Metrics;
import lenet5.engine.ProfileRow;
import lenet5.engine.StagedData;
import lenet5.nn.Network;
import lenet5.nn.Parameters;
import lenet5.opencl.DeviceBuffer;
import lenet5.opencl.Footprint;
import lenet5.opencl.Launch;
import lenet5.opencl.fused.kernels.FusedData;
import lenet5.opencl.fused.kernels.FusedKernels;
import lenet5.opencl.fused.kernels.FusedSource;
import lenet5.opencl.fused.persistent.PersistentEpoch;
import lenet5.ops.Require;

/**
 * Runs any network with two launches a training step: {@code step_images} takes each image from its bytes to its gradients,
 * {@code step_weights} sums them over the batch and adds them to the weights. Other variants have other launches in the place
 * of the first, or one for a whole epoch, see {@link Variant}. Evaluation is one launch a batch. All come from the network's
 * description, see {@link FusedSource}. {@link FusedEngines} opens it.
 */
public final class FusedEngine implements Engine {

    private final FusedKernels kernels;
    private final Candidate candidate;
    private final Network network;
    private final int batchSize;
    private final DeviceBuffer gradients;
    private final Launch differentiate;
    private final Consumer<String> messages;
    /** Empty where every step is launched. */
    private Optional<PersistentEpoch> persistent;

    /**
     * Runs {@code kernels}, whose context closes with the engine.
     *
     * @param candidate what the kernels were made from
     * @param batchSize images a training step, at most
     * @param persistent trains epochs with fewer launches than steps, if at all
     * @param messages hears a line where one launch an epoch was begun with, but steps have launches each
     */
    FusedEngine(
            FusedKernels kernels,
            Candidate candidate,
            int batchSize,
            Optional<PersistentEpoch> persistent,
            Consumer<String> messages) {
        this.kernels = kernels;
        this.candidate = candidate;
        this.network = kernels.step().network();
        this.batchSize = batchSize;
        this.gradients = kernels.floats(network.parameterCount());
        this.differentiate = kernels.updateOf(gradients, kernels.factor(1));
        this.persistent = persistent;
        this.messages = messages;
    }

    /** The variant and the knobs that the tuner found, for people, if they are in use. */
    public Optional<String> tuning() {
        return candidate.tuned() ? Optional.of(candidate.toString()) : Optional.empty();
    }

    /** What a training step takes from the device. */
    public Footprint footprint() {
        Footprint footprint = kernels.step().footprint(batchSize);
        return persistent.isPresent() ? footprint.persistent() : footprint;
    }

    /** Its way to divide a batch; never {@code auto}. */
    public Variant variant() {
        return candidate.variant();
    }

    /**
     * The time of each kernel since the engine was opened, see {@link lenet5.opencl.DeviceContext#profile}.
     *
     * @throws IllegalStateException if it was not opened for profiling
     */
    public List<ProfileRow> profile() {
        return kernels.context().profile();
    }

    @Override
    public String name() {
        return "fused";
    }

    @Override
    public String device() {
        return kernels.context().device().toString();
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
        if (persistent.isPresent() && !persistent.get().train(staged, order.length, messages)) {
            persistent = Optional.empty();
            messages.accept("one launch an epoch failed: its work-groups did not come together (" + device()
                    + "); running two launches a step");
            kernels.clearOutcomes();
        }
        if (persistent.isEmpty()) {
            staged.trainSteps(0, batchSize, order.length);
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
        staged.requireOpen();
        return staged;
    }

    @Override
    public void close() {
        kernels.context().close();
    }
}
