package lenet5.opencl.fused.kernels;

import java.util.ArrayList;
import java.util.List;
import lenet5.engine.Settings;
import lenet5.nn.Network;
import lenet5.nn.Shape;
import lenet5.opencl.DeviceBuffer;
import lenet5.opencl.DeviceContext;
import lenet5.opencl.Launch;
import lenet5.opencl.Source;
import lenet5.opencl.fused.block.BlockPlan;
import lenet5.opencl.fused.plan.GridBarrier;
import lenet5.opencl.fused.plan.StepPlan;
import lenet5.opencl.fused.plan.Target;
import lenet5.ops.ElementType;
import lenet5.ops.Work;

/** A network's fused kernels on a device, with the buffers that all data sets share. */
public final class FusedKernels {

    /** Images an evaluation looks at together: enough to fill any device. */
    public static final int EVALUATION_BATCH = 1000;

    /** An image's loss, and 1 if it was classified rightly. */
    public static final int OUTCOME = 2;

    private final DeviceContext context;
    private final Target target;
    private final StepPlan step;
    private final Source source;

    private final DeviceBuffer parameters;
    private final DeviceBuffer stepWorkspace;
    private final DeviceBuffer evaluationWorkspace;
    private final DeviceBuffer outcomes;
    private final DeviceBuffer logits;
    private final DeviceBuffer descent;
    private final Launch descend;

    public FusedKernels(DeviceContext context, Settings settings, StepPlan step) {
        this.context = context;
        this.target = step.target();
        this.step = step;
        Network network = step.network();
        BlockPlan evaluation = BlockPlan.evaluation(network, target);
        this.source = FusedSource.of(step, evaluation);

        this.parameters = floats(network.parameterCount());
        this.stepWorkspace = floats(step.workspaceFloats(settings.batchSize()));
        this.evaluationWorkspace = floats(
                target.blocks(EVALUATION_BATCH), Math.max(1, evaluation.block().floats()));
        this.outcomes = floats(wholeBlocks(Math.max(settings.batchSize(), EVALUATION_BATCH)), OUTCOME);
        this.logits = floats(wholeBlocks(EVALUATION_BATCH), network.classes());
        this.descent = factor(-settings.learningRate());
        this.descend = updateOf(parameters, descent);
    }

    /** {@code images} and those beside the last ones in their block. */
    private int wholeBlocks(int images) {
        return target.blocks(images) * target.lanes();
    }

    public DeviceBuffer floats(int... extents) {
        return context.allocate(ElementType.FLOAT, Shape.of(extents));
    }

    public DeviceBuffer ints(int... values) {
        DeviceBuffer buffer = context.allocate(ElementType.INT, Shape.of(values.length));
        buffer.write(values);
        return buffer;
    }

    Launch bind(String kernel, List<DeviceBuffer> buffers) {
        return context.bind(source, kernel, target.defines(), buffers);
    }

    public DeviceBuffer factor(float value) {
        DeviceBuffer factor = floats(1);
        factor.write(new float[] {value});
        return factor;
    }

    /** The launch that adds {@code factor} times the batch's gradient to {@code target}; for {@link #update}. */
    public Launch updateOf(DeviceBuffer target, DeviceBuffer factor) {
        return bind("step_weights", List.of(stepWorkspace, factor, target)).doing(step::stepWeights);
    }

    /** Ends a training step: the batch's gradients move the parameters. */
    void descend(int batch) {
        update(descend, batch);
    }

    public void update(Launch launch, int batch) {
        launch.run((long) step.weightGroups() * target.weightsGroup(), 1, 1, batch);
    }

    /** The launch of whole epochs with arguments as {@code step_images} takes them and those of {@code step_weights}. */
    Launch epochOf(List<DeviceBuffer> stepBuffers, GridBarrier barrier, DeviceBuffer grid) {
        List<DeviceBuffer> buffers = new ArrayList<>(stepBuffers);
        buffers.add(descent);
        buffers.add(grid);
        return context.bind(source, "train_epoch", barrier.defines(target), buffers);
    }

    /** What the evaluation of {@code batch} images has to do. */
    Work evaluateImages(int batch) {
        Network network = step.network();
        long floats = (long) batch * network.classes() + network.parameterCount();
        return new Work(2 * batch * network.forwardMultiplyAdds(), floats * Float.BYTES);
    }

    public DeviceContext context() {
        return context;
    }

    Target target() {
        return target;
    }

    /** The plan of a training step. */
    public StepPlan step() {
        return step;
    }

    public DeviceBuffer parameters() {
        return parameters;
    }

    DeviceBuffer stepWorkspace() {
        return stepWorkspace;
    }

    DeviceBuffer evaluationWorkspace() {
        return evaluationWorkspace;
    }

    /** For each place in a batch the losses and hits of its images, {@code [places, OUTCOME]}. */
    public DeviceBuffer outcomes() {
        return outcomes;
    }

    public void clearOutcomes() {
        outcomes.write(new float[outcomes.shape().size()]);
    }

    /** Of the images that were evaluated last, {@code [EVALUATION_BATCH, classes]} and those beside the last ones in their block. */
    public DeviceBuffer logits() {
        return logits;
    }
}
