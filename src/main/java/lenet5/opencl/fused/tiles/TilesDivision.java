package lenet5.opencl.fused.tiles;

import static lenet5.opencl.fused.plan.LayerKnobs.GROUP;
import static lenet5.opencl.fused.plan.LayerKnobs.WEIGHTS_GROUP;

import java.util.Optional;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.fused.images.ImagesDivision;
import lenet5.opencl.fused.plan.Division;
import lenet5.opencl.fused.plan.Family;
import lenet5.opencl.fused.plan.Knob;
import lenet5.opencl.fused.plan.Knob.Limit;
import lenet5.opencl.fused.plan.Knob.Use;
import lenet5.opencl.fused.plan.Knobs;
import lenet5.opencl.fused.plan.StepPlan;
import lenet5.opencl.fused.plan.Target;

/** For GPUs and large batches: a work-group several images. */
public final class TilesDivision implements Division {

    /** Images that a group works on at once up to the dense layers, at most; on the way back twice as many. */
    public static final Knob TILE_IMAGES = Knob.of("TILE_IMAGES", Use.PLAN, 1, 2, 4);

    /** Images that a group takes through the dense layers at once: four are a vector. */
    public static final Knob DENSE_IMAGES =
            Knob.of("DENSE_IMAGES", Use.MACRO, 4, 8, 16).within(Limit.REGISTERS).inUnitsOf(4);

    /** Work-items of such a group. */
    public static final Knob DENSE_GROUP =
            Knob.of("DENSE_GROUP", Use.MACRO, 128, 256, 512, 1024).within(Limit.DEVICE_GROUP);

    /** Slices of a batch that have a partial gradient by convolutions' weights each; by dense layers' a thirty-second of it. */
    public static final Knob SLICES = Knob.of("SLICES", Use.PLAN, 128, 256, 512);

    /** Small groups, so that registers and local memory hold several a unit. From paper. */
    private static final Knobs KNOBS =
            ImagesDivision.KNOBS.with(GROUP, 128).with(WEIGHTS_GROUP, 128).with(TILE_IMAGES, 2);

    /** More images share the dense layers' weights where there are enough of them for all units. */
    @Override
    public Target target(Device.Facts device, int batchSize) {
        int denseImages = batchSize >= 16 * device.computeUnits() ? 16 : 8;
        Knobs knobs =
                KNOBS.with(DENSE_IMAGES, denseImages).with(DENSE_GROUP, 512).with(SLICES, 256);
        return Target.fitting(Family.gpu, device, knobs);
    }

    @Override
    public Optional<StepPlan> plan(Network network, Target target) {
        return TilesStep.of(network, target);
    }

    @Override
    public String needs() {
        return "convolutions of few maps before dense layers, and about 48 KiB of local memory";
    }
}
