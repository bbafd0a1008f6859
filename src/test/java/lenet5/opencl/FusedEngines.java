package lenet5.opencl;

import lenet5.engine.Engine;
import lenet5.engine.Settings;
import lenet5.nn.Network;

/** The fused engine as devices get it that this machine does not have. */
public final class FusedEngines {

    private FusedEngines() {}

    /** As on a device with 16 KiB of local memory and work-groups of at most 64: part of a LeNet-5 is in global memory. */
    public static Engine onASmallDevice(Network network, Settings settings) {
        return new FusedEngine(TestDevice.open(), network, settings, small());
    }

    static FusedVariant small() {
        return new FusedVariant("gpu", 1, 4096, 64, 64, 1, 2, 1, 4);
    }
}
