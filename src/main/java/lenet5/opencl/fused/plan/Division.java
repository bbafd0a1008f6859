package lenet5.opencl.fused.plan;

import java.util.Optional;
import lenet5.nn.Network;
import lenet5.opencl.Device;

/** A way to divide a batch over a device: what a variant is made of. */
public interface Division {

    /** The kernels and knobs, as this program comes with them, for such batches on {@code device}. */
    Target target(Device.Facts device, int batchSize);

    /** Its step of {@code network}; empty if it needs another network or more local memory, see {@link #needs}. */
    Optional<StepPlan> plan(Network network, Target target);

    /** What it takes of network and device, for people. */
    default String needs() {
        return "any network";
    }

    /** Whether its kernels are made for such devices; elsewhere they are correct, but slow or long to compile. */
    default boolean suits(Device.Facts device) {
        return device.type() != Device.Type.CPU;
    }
}
