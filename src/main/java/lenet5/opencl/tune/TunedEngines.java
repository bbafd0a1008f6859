package lenet5.opencl.tune;

import java.util.function.Consumer;
import lenet5.engine.Settings;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.OpenClException;
import lenet5.opencl.fused.FusedEngine;
import lenet5.opencl.fused.FusedEngines;
import lenet5.opencl.fused.Variant;

/** Opens the fused engine with what {@link Tuner} found for the user's device, or as it is shipped. */
public final class TunedEngines {

    private TunedEngines() {}

    /**
     * As {@link FusedEngines#open}, with what is kept of the user's tuning.
     *
     * @param messages hears a line, too, if what is kept cannot be used
     * @throws OpenClException if the device cannot be opened, or nothing works
     */
    public static FusedEngine open(
            Device device,
            boolean profiling,
            Network network,
            Settings settings,
            Variant variant,
            Consumer<String> messages) {
        var tuned = TuningCache.user().find(device.facts(), network, settings.batchSize(), messages);
        return FusedEngines.open(device, profiling, network, settings, variant, tuned, messages);
    }
}
