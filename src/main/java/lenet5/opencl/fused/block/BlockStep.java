package lenet5.opencl.fused.block;

import static lenet5.opencl.fused.plan.SourceText.macro;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import lenet5.nn.Network;
import lenet5.opencl.fused.plan.KernelCalls;
import lenet5.opencl.fused.plan.StepPlan;
import lenet5.opencl.fused.plan.Target;
import lenet5.ops.Work;

/** A step whose blocks of images leave their gradients in the workspace, from where owners of weights sum them over the batch. */
public abstract class BlockStep implements StepPlan {

    private final BlockPlan plan;

    protected BlockStep(BlockPlan plan) {
        this.plan = plan;
    }

    protected final BlockPlan plan() {
        return plan;
    }

    protected final BlockLayers layers() {
        return plan.layers();
    }

    @Override
    public final Network network() {
        return layers().network();
    }

    @Override
    public final Target target() {
        return plan.target();
    }

    @Override
    public final int localFloats() {
        return plan.localFloats();
    }

    @Override
    public final int blockFloats() {
        return plan.block().floats();
    }

    @Override
    public final int workspaceFloats(int batch) {
        return target().blocks(batch) * blockFloats();
    }

    @Override
    public final boolean fitsLocalMemory() {
        return !plan.spills();
    }

    @Override
    public final boolean sharesGlobalMemory() {
        return plan.spills();
    }

    @Override
    public final int weightGroups() {
        return IntStream.range(0, layers().count())
                .filter(k -> plan.layer(k).learns())
                .map(k -> plan.op(k).weightGroups(target()))
                .sum();
    }

    @Override
    public final List<String> updateBody() {
        List<String> calls = new ArrayList<>();
        int groups = 0;
        for (int k = layers().firstLearning(); k < layers().count(); k++) {
            if (plan.layer(k).learns()) {
                int end = groups + plan.op(k).weightGroups(target());
                String item = "(group - " + groups + ") * " + target().weightsGroup() + " + member";
                calls.add(KernelCalls.comment(plan.layer(k)));
                calls.add((groups == 0 ? "if" : "else if") + " (group < " + end + ") "
                        + plan.op(k).update(plan, k, item));
                groups = end;
            }
        }
        return List.of(macro("STEP_WEIGHTS", calls));
    }

    @Override
    public final Work stepWeights(int batch) {
        return new Work(
                2 * (batch * updateMultiplyAdds() + network().parameterCount()),
                workspaceBytes(batch, plan.block().updateFloats()) + 2 * parameterBytes());
    }

    /** Multiply-adds an image of everything before the update. */
    protected final long imageMultiplyAdds() {
        return network().forwardMultiplyAdds() + network().backwardMultiplyAdds() - updateMultiplyAdds();
    }

    private long updateMultiplyAdds() {
        return layers().ops().stream().mapToLong(FusedOp::updateMultiplyAdds).sum();
    }

    protected final long workspaceBytes(int batch, int floats) {
        return (long) target().blocks(batch) * floats * Float.BYTES;
    }

    protected final long parameterBytes() {
        return (long) network().parameterCount() * Float.BYTES;
    }
}
