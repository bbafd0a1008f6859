package lenet5.engines;

import lenet5.engine.Engine;
import lenet5.engine.Settings;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.fused.Variant;

/**
 * An engine and where it could run.
 *
 * @param kind not {@code auto}
 * @param device the OpenCL device; null for the CPU's engines
 */
public record Place(Kind kind, Device device) {

    /**
     * Checks that the two go together.
     *
     * @throws IllegalArgumentException if not
     */
    public Place {
        if (kind == Kind.auto || kind.isOpenCl() != (device != null)) {
            throw new IllegalArgumentException("engine " + kind + " does not run on " + device);
        }
    }

    /** Opens the engine; nobody has checked it yet, and nothing takes its place. */
    public Engine open(Network network, Settings settings) {
        return switch (kind) {
            case layered ->
                Engines.layered(device, network, settings, false, false).engine();
            case fused ->
                Engines.fused(device, network, settings, Variant.auto, false, message -> {})
                        .engine();
            default -> Engines.cpu(kind, network, settings, false).engine();
        };
    }
}
