package lenet5.opencl.fused;

import java.util.ArrayList;
import java.util.List;
import lenet5.engine.Settings;
import lenet5.nn.Network;
import lenet5.nn.Shape;
import lenet5.opencl.DeviceBuffer;
import lenet5.opencl.DeviceContext;
import lenet5.opencl.Launch;
import lenet5.opencl.Source;
import lenet5.ops.ElementType;
import lenet5.ops.Work;

/** A network's fused kernels on a device, with the buffers that all data sets share. */
final class FusedKernels {

    /** Images an evaluation looks at together: enough to fill any device. */
    static final int EVALUATION_BATCH = 1000;

    /** An image's loss, and 1 if it was classified rightly. */
    static final int OUTCOME = 2;

    private final DeviceContext context;
    private final FusedVariant variant;
    private final StepPlan step;
    private final Source source;

    private final DeviceBuffer parameters;
    private final DeviceBuffer stepWorkspace;
    private final DeviceBuffer evaluationWorkspace;
    private final DeviceBuffer outcomes;
    private final DeviceBuffer logits;
    private final DeviceBuffer descent;
    private final Launch descend;

    FusedKernels(DeviceContext context, Settings settings, StepPlan step) {
        this.context = context;
        this.variant = step.variant();
        this.step = step;
        Network network = step.network();
        BlockPlan evaluation = BlockPlan.evaluation(network, variant);
        this.source = FusedSource.of(step, evaluation);

        this.parameters = floats(network.parameterCount());
        this.stepWorkspace = floats(step.workspaceFloats(settings.batchSize()));
        this.evaluationWorkspace = floats(
                variant.blocks(EVALUATION_BATCH), Math.max(1, evaluation.block().floats()));
        this.outcomes = floats(wholeBlocks(Math.max(settings.batchSize(), EVALUATION_BATCH)), OUTCOME);
        this.logits = floats(wholeBlocks(EVALUATION_BATCH), network.classes());
        this.descent = factor(-settings.learningRate());
        this.descend = updateOf(parameters, descent);
    }

    /** {@code images} and those beside the last ones in their block. */
    private int wholeBlocks(int images) {
        return variant.blocks(images) * variant.lanes();
    }

    DeviceBuffer floats(int... extents) {
        return context.allocate(ElementType.FLOAT, Shape.of(extents));
    }

    DeviceBuffer ints(int... values) {
        DeviceBuffer buffer = context.allocate(ElementType.INT, Shape.of(values.length));
        buffer.write(values);
        return buffer;
    }

    Launch bind(String kernel, List<DeviceBuffer> buffers) {
        return context.bind(source, kernel, variant.defines(), buffers);
    }

    DeviceBuffer factor(float value) {
        DeviceBuffer factor = floats(1);
        factor.write(new float[] {value});
        return factor;
    }

    /** The launch that adds {@code factor} times the batch's gradient to {@code target}; for {@link #update}. */
    Launch updateOf(DeviceBuffer target, DeviceBuffer factor) {
        return bind("step_weights", List.of(stepWorkspace, factor, target)).doing(step::stepWeights);
    }

    /** Ends a training step: the batch's gradients move the parameters. */
    void descend(int batch) {
        update(descend, batch);
    }

    void update(Launch launch, int batch) {
        launch.run((long) step.weightGroups() * variant.weightsGroup(), 1, 1, batch);
    }

    /** The launch of whole epochs with arguments as {@code step_images} takes them and those of {@code step_weights}. */
    Launch epochOf(List<DeviceBuffer> stepBuffers, GridBarrier barrier, DeviceBuffer grid) {
        List<DeviceBuffer> buffers = new ArrayList<>(stepBuffers);
        buffers.add(descent);
        buffers.add(grid);
        return context.bind(source, "train_epoch", barrier.defines(variant), buffers);
    }

    /** What the evaluation of {@code batch} images has to do. */
    Work evaluateImages(int batch) {
        Network network = step.network();
        long floats = (long) batch * network.classes() + network.parameterCount();
        return new Work(2 * batch * network.forwardMultiplyAdds(), floats * Float.BYTES);
    }

    DeviceContext context() {
        return context;
    }

    FusedVariant variant() {
        return variant;
    }

    /** The plan of a training step. */
    StepPlan step() {
        return step;
    }

    DeviceBuffer parameters() {
        return parameters;
    }

    DeviceBuffer stepWorkspace() {
        return stepWorkspace;
    }

    DeviceBuffer evaluationWorkspace() {
        return evaluationWorkspace;
    }

    /** For each place in a batch the losses and hits of its images, {@code [places, OUTCOME]}. */
    DeviceBuffer outcomes() {
        return outcomes;
    }

    void clearOutcomes() {
        outcomes.write(new float[outcomes.shape().size()]);
    }

    /** Of the images that were evaluated last, {@code [EVALUATION_BATCH, classes]} and those beside the last ones in their block. */
    DeviceBuffer logits() {
        return logits;
    }
}
