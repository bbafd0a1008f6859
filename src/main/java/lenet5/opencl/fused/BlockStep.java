package lenet5.opencl.fused;

import static lenet5.opencl.fused.SourceText.macro;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import lenet5.nn.Network;
import lenet5.ops.Work;

/** A step whose blocks of images leave their gradients in the workspace, from where owners of weights sum them over the batch. */
abstract class BlockStep implements StepPlan {

    private final BlockPlan plan;

    BlockStep(BlockPlan plan) {
        this.plan = plan;
    }

    final BlockPlan plan() {
        return plan;
    }

    final BlockLayers layers() {
        return plan.layers();
    }

    @Override
    public final Network network() {
        return layers().network();
    }

    @Override
    public final FusedVariant variant() {
        return plan.variant();
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
        return variant().blocks(batch) * blockFloats();
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
                .map(k -> plan.op(k).weightGroups(variant()))
                .sum();
    }

    @Override
    public final List<String> updateBody() {
        List<String> calls = new ArrayList<>();
        int groups = 0;
        for (int k = layers().firstLearning(); k < layers().count(); k++) {
            if (plan.layer(k).learns()) {
                int end = groups + plan.op(k).weightGroups(variant());
                String item = "(group - " + groups + ") * " + variant().weightsGroup() + " + member";
                calls.add(comment(k));
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
    final long imageMultiplyAdds() {
        return network().forwardMultiplyAdds() + network().backwardMultiplyAdds() - updateMultiplyAdds();
    }

    private long updateMultiplyAdds() {
        return layers().ops().stream().mapToLong(FusedOp::updateMultiplyAdds).sum();
    }

    final long workspaceBytes(int batch, int floats) {
        return (long) variant().blocks(batch) * floats * Float.BYTES;
    }

    final long parameterBytes() {
        return (long) network().parameterCount() * Float.BYTES;
    }

    final String comment(int k) {
        return "/* " + plan.layer(k).label() + " */";
    }
}
