package lenet5.opencl;

import lenet5.engine.Engine;
import lenet5.engine.Settings;
import lenet5.nn.Network;

/** The fused engine as devices get it that this machine does not have. */
public final class FusedEngines {

    private FusedEngines() {}

    /** As on a GPU with this device's limits. */
    public static Engine forGpus(Network network, Settings settings) {
        DeviceContext context = TestDevice.open();
        return new FusedEngine(
                context, network, settings, FusedVariant.gpu(context.device().facts()));
    }

    /**
     * As on a GPU with every optional feature masked off: kernels have no extensions anyway; local memory and work-groups are
     * the least that is found, and launches beyond them are refused. Part of a LeNet-5 is in global memory then.
     */
    public static Engine maskedGpu(Network network, Settings settings) {
        return new FusedEngine(DeviceContext.open(TestDevice.maskedGpu()), network, settings);
    }

    /** One image a work-group of {@code group}, with so much local memory, and the smallest tiles. */
    static FusedVariant variant(int localFloats, int group) {
        return new FusedVariant("gpu", 1, Integer.MAX_VALUE, localFloats, group, group, 1, 1, 2, 1, 1, 4);
    }
}
