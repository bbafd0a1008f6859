package lenet5.opencl.fused;

import static lenet5.opencl.fused.SourceText.macro;

import java.util.List;
import lenet5.nn.Network;
import lenet5.ops.Work;

/** Whole blocks of images: one launch before the update. On GPUs a group an image, on CPUs a work-item sixteen. */
final class ImagesStep extends BlockStep {

    private ImagesStep(BlockPlan plan) {
        super(plan);
    }

    static ImagesStep of(Network network, FusedVariant variant) {
        return new ImagesStep(new BlockPlan(BlockLayers.of(network, variant, Shares.NONE, true)));
    }

    @Override
    public List<StepLaunch> launches() {
        return List.of(new StepLaunch("step_images", variant()::workItems, this::stepImages));
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
