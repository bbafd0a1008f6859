package lenet5.opencl.fused.plan;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import lenet5.opencl.Device;

/**
 * How the groups of one launch can wait for one another, which OpenCL does not promise: they must all run at once, and see
 * what the others write. See {@code kernels/fused/persistent/epoch.cl}.
 *
 * @param groups how many run at once
 * @param looks how often a group looks whether the others have come before it gives up
 * @param membar whether it takes NVIDIA's instruction to make a group's writes visible to the others
 */
public record GridBarrier(int groups, int looks, boolean membar) {

    /** Each about two seconds: a look is one at a core's cache, or at the second-level cache of a whole GPU. */
    private static final int CPU_LOOKS = 1 << 30;

    private static final int GPU_LOOKS = 1 << 22;

    /**
     * What is known of the device's driver. PoCL has a thread for each compute unit of a CPU, deals each a group if there
     * are no more, and its atomic functions acquire and release. NVIDIA's GPUs keep a group on each compute unit.
     */
    public static Optional<GridBarrier> on(Device.Facts device) {
        if (device.isPocl() && device.type() == Device.Type.CPU) {
            return Optional.of(new GridBarrier(device.computeUnits(), CPU_LOOKS, false));
        } else if (device.isNvidia() && device.type() == Device.Type.GPU) {
            return Optional.of(new GridBarrier(device.computeUnits(), GPU_LOOKS, true));
        }
        return Optional.empty();
    }

    /** The macros of a persistent kernel: those of {@code variant}, group sizes in any case, and its own. */
    public Map<String, Integer> defines(Target target) {
        Map<String, Integer> defines = new HashMap<>(target.defines());
        defines.put("GROUP", target.group());
        defines.put("WEIGHTS_GROUP", target.weightsGroup());
        defines.put("PERSISTENT", 1);
        defines.put("LOOKS", looks);
        if (membar) {
            defines.put("MEMBAR", 1);
        }
        return defines;
    }
}
