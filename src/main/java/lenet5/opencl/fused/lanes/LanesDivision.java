package lenet5.opencl.fused.lanes;

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

/** For CPUs: sixteen images a work-item, which is alone in its group. */
public final class LanesDivision implements Division {

    /** Measured (AMD EPYC with AVX-512, PoCL 3.1): tiles that stay in 32 vector registers. */
    private static final Knobs KNOBS = Knobs.NONE
            .with(MAX_MAPS, 4)
            .with(MAX_PIXELS, 7)
            .with(MAX_ROWS, 16)
            .with(MAX_COLUMNS, 5)
            .with(MAX_OUTPUTS, 4);

    @Override
    public Target target(Device.Facts device, int batchSize) {
        return new Target(Family.cpu, device, KNOBS);
    }

    @Override
    public Optional<StepPlan> plan(Network network, Target target) {
        return Optional.of(BlocksStep.of(network, target));
    }

    @Override
    public boolean suits(Device.Facts device) {
        return device.type() == Device.Type.CPU;
    }
}
