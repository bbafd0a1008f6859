package lenet5.opencl.fused.shares;

import static lenet5.opencl.fused.plan.LayerKnobs.GROUP;
import static lenet5.opencl.fused.plan.LayerKnobs.PARTS;

import java.util.Optional;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.fused.images.ImagesDivision;
import lenet5.opencl.fused.plan.Division;
import lenet5.opencl.fused.plan.Family;
import lenet5.opencl.fused.plan.Knob;
import lenet5.opencl.fused.plan.Knobs;
import lenet5.opencl.fused.plan.StepPlan;
import lenet5.opencl.fused.plan.Target;

/** For GPUs and batches of fewer images than the device has compute units: several work-groups an image. */
public final class SharesDivision implements Division {

    /** Groups that share an image in training, at most. */
    public static final Knob SHARES = Knob.of("SHARES", Knob.Use.PLAN, 2, 4, 8, 16);

    /** Few groups, so each is large. From paper. */
    private static final Knobs KNOBS = ImagesDivision.KNOBS.with(GROUP, 512).with(PARTS, 16);

    /** Groups an image where a device has no more units than images, but shares are asked for. */
    private static final int LEAST = 4;

    @Override
    public Target target(Device.Facts device, int batchSize) {
        int shares = Math.max(LEAST, device.computeUnits() / batchSize);
        return Target.fitting(Family.gpu, device, KNOBS.with(SHARES, shares));
    }

    @Override
    public Optional<StepPlan> plan(Network network, Target target) {
        return SharesStep.of(network, target, target.knobs().get(SHARES));
    }

    @Override
    public String needs() {
        return "a convolution of several maps before the dense layers, and about 48 KiB of local memory";
    }
}
