package lenet5.bench;

import java.util.ArrayList;
import java.util.List;
import lenet5.cpu.CpuEngine;
import lenet5.engine.Engine;
import lenet5.engine.LayeredEngine;
import lenet5.engine.Settings;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.DeviceContext;
import lenet5.opencl.Devices;
import lenet5.opencl.OpenClOps;
import lenet5.opencl.fused.Variant;
import lenet5.opencl.tune.TunedEngines;

/**
 * An engine in one place, ready to be compared with the others.
 *
 * @param engine its kind, as the command line names it
 * @param device the OpenCL device it runs on, null for the CPU engines
 * @param opener opens it
 */
public record Contender(String engine, Device device, Opener opener) {

    /** The engine that defines what the others have to compute. */
    public static final String REFERENCE = "reference";

    /** Opens an engine. */
    @FunctionalInterface
    public interface Opener {
        Engine open(Network network, Settings settings);
    }

    /** Every engine of this library on every place of this machine: the CPU engines, then OpenCL, best device first. */
    public static List<Contender> all() {
        List<Contender> all = new ArrayList<>();
        all.add(reference());
        all.add(new Contender("simd", null, CpuEngine::new));
        for (Device device : Devices.discover().all()) {
            all.add(new Contender("layered", device, (network, settings) -> layered(device, network, settings)));
            all.add(new Contender("fused", device, (network, settings) -> fused(device, network, settings)));
        }
        return all;
    }

    /** The reference engine. */
    public static Contender reference() {
        return new Contender(REFERENCE, null, LayeredEngine::reference);
    }

    private static Engine layered(Device device, Network network, Settings settings) {
        DeviceContext context = DeviceContext.open(device);
        try {
            return new LayeredEngine<>("layered", new OpenClOps(context), network, settings);
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    private static Engine fused(Device device, Network network, Settings settings) {
        return TunedEngines.open(device, false, network, settings, Variant.auto, message -> {});
    }

    public boolean isOpenCl() {
        return device != null;
    }

    /** Where it runs, for people. */
    public String place() {
        return isOpenCl() ? device.toString() : "Java";
    }

    /** Opens the engine; nobody has checked it yet. */
    public Engine open(Network network, Settings settings) {
        return opener.open(network, settings);
    }
}
