package lenet5.opencl.fused.images;

import static lenet5.opencl.fused.plan.LayerKnobs.*;

import java.util.Optional;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.fused.block.BlocksStep;
import lenet5.opencl.fused.plan.Division;
import lenet5.opencl.fused.plan.Family;
import lenet5.opencl.fused.plan.Knobs;
import lenet5.opencl.fused.plan.StepPlan;
import lenet5.opencl.fused.plan.Target;

/** For GPUs: a work-group an image, which is in local memory. */
public final class ImagesDivision implements Division {

    /** From paper, but for the group sizes, which an H100 showed: many groups, so each is small. No vendor has its own. */
    public static final Knobs KNOBS = Knobs.NONE
            .with(GROUP, 256)
            .with(WEIGHTS_GROUP, 64)
            .with(MAX_MAPS, 2)
            .with(MAX_PIXELS, 7)
            .with(MAX_OUTPUTS, 4)
            .with(PARTS, 8);

    @Override
    public Target target(Device.Facts device, int batchSize) {
        return Target.fitting(Family.gpu, device, KNOBS);
    }

    @Override
    public Optional<StepPlan> plan(Network network, Target target) {
        return Optional.of(BlocksStep.of(network, target));
    }
}
