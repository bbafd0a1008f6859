package lenet5.opencl.fused.shares;

import static lenet5.opencl.fused.plan.SourceText.define;
import static lenet5.opencl.fused.plan.SourceText.include;
import static lenet5.opencl.fused.plan.SourceText.macro;

import java.util.List;
import java.util.Optional;
import java.util.function.IntToLongFunction;
import lenet5.engine.FusedLayer;
import lenet5.nn.Network;
import lenet5.opencl.fused.block.BlockLayers;
import lenet5.opencl.fused.block.BlockPlan;
import lenet5.opencl.fused.block.BlockStep;
import lenet5.opencl.fused.block.FusedOp;
import lenet5.opencl.fused.block.Shares;
import lenet5.opencl.fused.plan.KernelCalls;
import lenet5.opencl.fused.plan.StepLaunch;
import lenet5.opencl.fused.plan.StepPlan;
import lenet5.opencl.fused.plan.Target;
import lenet5.ops.Work;

/** Several groups an image: two launches before the update, see {@code kernels/fused/shares/shares.cl}. */
final class SharesStep extends BlockStep {

    private SharesStep(BlockPlan plan) {
        super(plan);
    }

    /** Empty if the network has no maps to share before dense layers, or a group's share of an image does not fit into local memory. */
    static Optional<StepPlan> of(Network network, Target target, int groups) {
        Shares shares = Shares.of(FusedOp.of(FusedLayer.of(network)), groups);
        BlockPlan plan = new BlockPlan(BlockLayers.of(network, target, shares, true));
        return shares.isShared() && !plan.spills() ? Optional.of(new SharesStep(plan)) : Optional.empty();
    }

    private Shares shares() {
        return plan().shares();
    }

    @Override
    public List<StepLaunch> launches() {
        IntToLongFunction workItems = batch -> target().workItems(batch) * shares().count();
        return List.of(
                new StepLaunch("step_forward", workItems, this::stepForward),
                new StepLaunch("step_backward", workItems, this::stepBackward));
    }

    private Work stepForward(int batch) {
        return new Work(
                2 * batch * forwardMultiplyAdds(),
                workspaceBytes(batch, plan().block().handedOver()) + parameterBytes());
    }

    /** Reads what step_forward wrote and writes the rest of the workspace. */
    private Work stepBackward(int batch) {
        return new Work(
                2 * batch * (imageMultiplyAdds() - forwardMultiplyAdds()),
                workspaceBytes(batch, blockFloats()) + parameterBytes());
    }

    private long forwardMultiplyAdds() {
        return layers().layers().subList(0, shares().dense() + 1).stream()
                .mapToLong(layer -> layer.placed().multiplyAdds())
                .sum();
    }

    @Override
    public List<String> bodies(KernelCalls calls) {
        SharesCalls shared = new SharesCalls(calls, plan());
        return List.of(
                define("SHARES", shares().count()),
                macro("STEP_FORWARD", shared.forward()),
                macro("STEP_BACKWARD", shared.backward()));
    }

    @Override
    public List<String> files() {
        return List.of(include("fused/shares/shares"));
    }
}
