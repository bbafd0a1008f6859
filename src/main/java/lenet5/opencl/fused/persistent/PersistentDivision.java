package lenet5.opencl.fused.persistent;

import java.util.Optional;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.fused.images.ImagesDivision;
import lenet5.opencl.fused.lanes.LanesDivision;
import lenet5.opencl.fused.plan.Division;
import lenet5.opencl.fused.plan.GridBarrier;
import lenet5.opencl.fused.plan.StepPlan;
import lenet5.opencl.fused.plan.Target;

/** The work-groups of {@code images} or {@code lanes}, by device, wait for one another: one launch an epoch. */
public final class PersistentDivision implements Division {

    private static Division of(Device.Facts device) {
        return device.type() == Device.Type.CPU ? new LanesDivision() : new ImagesDivision();
    }

    @Override
    public Target target(Device.Facts device, int batchSize) {
        return of(device).target(device, batchSize);
    }

    @Override
    public Optional<StepPlan> plan(Network network, Target target) {
        return of(target.device()).plan(network, target);
    }

    @Override
    public boolean suits(Device.Facts device) {
        return GridBarrier.on(device).isPresent();
    }
}
