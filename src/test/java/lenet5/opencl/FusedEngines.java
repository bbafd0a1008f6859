package lenet5.opencl;

import lenet5.engine.Engine;
import lenet5.engine.Settings;
import lenet5.nn.Network;

/** The fused engine as devices get it that this machine does not have. */
public final class FusedEngines {

    private FusedEngines() {}

    /** With a variant's kernels, whatever this device is; images are shared where the network lets them be. */
    public static Engine open(Network network, Settings settings, Variant variant) {
        DeviceContext context = TestDevice.open();
        FusedVariant kernels = variant.on(context.device().facts(), settings.batchSize());
        return new FusedEngine(context, network, settings, kernels);
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
        return variant(localFloats, group, 1);
    }

    /** The same with {@code shares} groups an image. */
    static FusedVariant variant(int localFloats, int group, int shares) {
        return new FusedVariant("gpu", 1, Integer.MAX_VALUE, localFloats, group, group, 1, 1, 2, 1, 1, 4, shares);
    }
}
