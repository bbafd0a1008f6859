package lenet5.engines;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import lenet5.cpu.CpuEngine;
import lenet5.engine.Engine;
import lenet5.engine.LayeredEngine;
import lenet5.engine.SelfTest;
import lenet5.engine.Settings;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.DeviceContext;
import lenet5.opencl.Devices;
import lenet5.opencl.OpenClException;
import lenet5.opencl.OpenClOps;
import lenet5.opencl.fused.FusedEngine;
import lenet5.opencl.fused.Variant;
import lenet5.opencl.tune.TunedEngines;

/**
 * What runs on this machine, what of it is best, and how it is opened: each engine on OpenCL is checked against the reference
 * on a small batch, and what fails makes room for the next.
 *
 * <pre>{@code
 * try (OpenedEngine opened = Engines.open(EngineRequest.BEST, network, settings, System.err::println)) {
 *     new Classifier(model, opened.engine()).probabilities(pixels);
 * }
 * }</pre>
 */
public final class Engines {

    private Engines() {}

    /** Every engine on every place of this machine: the CPU's, then OpenCL's, best device first. */
    public static List<Place> places() {
        List<Place> places = new ArrayList<>(List.of(new Place(Kind.reference, null), new Place(Kind.simd, null)));
        for (Device device : Devices.discover().all()) {
            places.add(new Place(Kind.layered, device));
            places.add(new Place(Kind.fused, device));
        }
        return places;
    }

    /** The device that {@code auto} takes, if there is one. */
    public static Optional<Device> best(Devices devices) {
        return devices.best(Engines::isGpu);
    }

    /** Why {@code auto} takes no OpenCL device. */
    public static String whyNoGpu(Devices devices) {
        if (!devices.problems().isEmpty()) {
            return String.join("; ", devices.problems());
        }
        return "only " + devices.all().get(0) + ", which --device opencl takes";
    }

    private static boolean isGpu(Device candidate) {
        return candidate.facts().type() == Device.Type.GPU;
    }

    /**
     * The best OpenCL device that {@code device} names, as a request has it; under {@code auto} of any type.
     *
     * @throws DeviceUnavailableException if there is none
     */
    public static Device named(String device) {
        Predicate<Device> wanted = switch (device) {
            case "gpu" -> Engines::isGpu;
            case "opencl", "auto" -> candidate -> true;
            default -> candidate -> candidate.isNamed(device);
        };
        Devices devices = Devices.discover();
        return devices.best(wanted)
                .orElseThrow(() -> new DeviceUnavailableException("no device for --device " + device + ": "
                        + (devices.problems().isEmpty()
                                ? "there are only " + devices.all()
                                : String.join("; ", devices.problems()))));
    }

    /**
     * Opens the engine that is asked for. Under {@code auto} whatever is wrong with OpenCL becomes one line to {@code messages},
     * and the CPU engine; a device that was named must work.
     *
     * @throws DeviceUnavailableException if the named device does not
     * @throws IllegalArgumentException if engine and device, or engine and variant, do not go together
     */
    public static OpenedEngine open(
            EngineRequest request, Network network, Settings settings, Consumer<String> messages) {
        if (!request.fits() || request.variant() != Variant.auto && request.kind() != Kind.fused) {
            throw new IllegalArgumentException("no engine is a " + request);
        }
        if (request.onCpu() || request.kind().isCpu()) {
            return cpu(request.kind(), network, settings, request.profiling());
        }
        if (!request.onAny() || request.kind().isOpenCl()) {
            return openCl(named(request.device()), request, network, settings, messages);
        }
        Devices devices = Devices.discover();
        Optional<Device> gpu = best(devices);
        if (gpu.isEmpty()) {
            messages.accept("no OpenCL GPU (" + whyNoGpu(devices) + "); running on the CPU");
            return cpu(request.kind(), network, settings, request.profiling());
        }
        return openClOrCpu(gpu.get(), request, network, settings, messages);
    }

    /** The device's engine; if the device fails, one line that says how, and the CPU's engine. */
    static OpenedEngine openClOrCpu(
            Device device, EngineRequest request, Network network, Settings settings, Consumer<String> messages) {
        try {
            return openCl(device, request, network, settings, messages);
        } catch (DeviceUnavailableException e) {
            messages.accept(firstLine(e) + "; running on the CPU");
            return cpu(request.kind(), network, settings, request.profiling());
        }
    }

    /** The engine asked for; under {@code auto} the fused one, and if it fails, one line that says how, and the layered one. */
    private static OpenedEngine openCl(
            Device device, EngineRequest request, Network network, Settings settings, Consumer<String> messages) {
        if (request.kind() == Kind.layered) {
            return checkedLayered(device, request, network, settings);
        }
        try {
            return fused(device, network, settings, request.variant(), request.profiling(), messages);
        } catch (OpenClException e) {
            if (request.kind() == Kind.fused) {
                throw unavailable(device, e);
            }
            messages.accept(firstLine(e) + "; trying the layered engine");
            return checkedLayered(device, request, network, settings);
        }
    }

    private static OpenedEngine checkedLayered(
            Device device, EngineRequest request, Network network, Settings settings) {
        try {
            return layered(device, network, settings, request.profiling(), true);
        } catch (RuntimeException e) { // whatever a driver fails with, the device is of no use
            throw unavailable(device, e);
        }
    }

    private static DeviceUnavailableException unavailable(Device device, RuntimeException failure) {
        return new DeviceUnavailableException(device + " does not work: " + failure.getMessage());
    }

    private static String firstLine(Exception e) {
        return e.getMessage().lines().findFirst().orElseThrow();
    }

    /** The reference, or else the fast one. */
    static OpenedEngine cpu(Kind kind, Network network, Settings settings, boolean profiling) {
        if (kind == Kind.reference) {
            return new OpenedEngine(LayeredEngine.reference(network, settings), List::of, Optional.empty());
        }
        CpuEngine engine = profiling ? CpuEngine.profiling(network, settings) : new CpuEngine(network, settings);
        return new OpenedEngine(engine, engine::profile, Optional.empty());
    }

    /** The first variant that works, if {@code variant} leaves a choice. */
    static OpenedEngine fused(
            Device device,
            Network network,
            Settings settings,
            Variant variant,
            boolean profiling,
            Consumer<String> messages) {
        FusedEngine engine = TunedEngines.open(device, profiling, network, settings, variant, messages);
        return new OpenedEngine(engine, engine::profile, Optional.of(engine));
    }

    static OpenedEngine layered(
            Device device, Network network, Settings settings, boolean profiling, boolean selfTest) {
        DeviceContext context = profiling ? DeviceContext.openProfiling(device) : DeviceContext.open(device);
        try {
            Engine engine = new LayeredEngine<>(Kind.layered.name(), new OpenClOps(context), network, settings);
            if (selfTest) {
                SelfTest.run(engine, network, settings);
                context.restartProfile();
            }
            return new OpenedEngine(engine, context::profile, Optional.empty());
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }
}
