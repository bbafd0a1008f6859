package lenet5.opencl.fused.block;

import static lenet5.opencl.fused.plan.SourceText.macro;

import java.util.List;
import lenet5.nn.Network;
import lenet5.opencl.fused.plan.KernelCalls;
import lenet5.opencl.fused.plan.StepLaunch;
import lenet5.opencl.fused.plan.Target;
import lenet5.ops.Work;

/** Whole blocks of images: one launch before the update. On GPUs a group an image, on CPUs a work-item sixteen. */
public final class BlocksStep extends BlockStep {

    private BlocksStep(BlockPlan plan) {
        super(plan);
    }

    public static BlocksStep of(Network network, Target target) {
        return new BlocksStep(new BlockPlan(BlockLayers.of(network, target, Shares.NONE, true)));
    }

    @Override
    public List<StepLaunch> launches() {
        return List.of(new StepLaunch("step_images", target()::workItems, this::stepImages));
    }

    private Work stepImages(int batch) {
        return new Work(2 * batch * imageMultiplyAdds(), workspaceBytes(batch, blockFloats()) + parameterBytes());
    }

    @Override
    public List<String> bodies(KernelCalls calls) {
        return List.of(macro("STEP_IMAGES", new BlockCalls(calls, plan()).all()));
    }

    @Override
    public List<String> files() {
        return List.of();
    }
}
