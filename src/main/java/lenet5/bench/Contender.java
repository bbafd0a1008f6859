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
import lenet5.opencl.FusedEngine;
import lenet5.opencl.OpenClOps;

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
            all.add(onDevice(
                    "layered",
                    device,
                    (context, network, settings) ->
                            new LayeredEngine<>("layered", new OpenClOps(context), network, settings)));
            all.add(onDevice("fused", device, FusedEngine::new));
        }
        return all;
    }

    /** The reference engine. */
    public static Contender reference() {
        return new Contender(REFERENCE, null, LayeredEngine::reference);
    }

    /** Builds an engine on a context, which closes with it. */
    @FunctionalInterface
    private interface Builder {
        Engine build(DeviceContext context, Network network, Settings settings);
    }

    private static Contender onDevice(String name, Device device, Builder builder) {
        return new Contender(name, device, (network, settings) -> {
            DeviceContext context = DeviceContext.open(device);
            try {
                return builder.build(context, network, settings);
            } catch (RuntimeException e) {
                context.close();
                throw e;
            }
        });
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
