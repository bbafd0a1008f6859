package lenet5.cli;

import java.util.Arrays;
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
import lenet5.train.CheckpointDirectory.Found;
import lenet5.train.ModelFileException;
import lenet5.train.Run;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where to compute, and how: the options that choose an engine, and the choice. */
final class EngineOptions {

    /** The engines by name. */
    enum Kind {
        auto,
        reference,
        simd,
        layered,
        fused
    }

    @Option(
            names = "--device",
            paramLabel = "auto|cpu|gpu|opencl|NAME",
            defaultValue = "auto",
            description = "auto: the best OpenCL GPU, else the CPU; cpu: Java, no OpenCL; gpu: the best OpenCL GPU; "
                    + "opencl: the best OpenCL device of any type; else a part of a device's name. Default: auto.")
    private String device;

    @Option(
            names = "--engine",
            paramLabel = "KIND",
            defaultValue = "auto",
            description =
                    "${COMPLETION-CANDIDATES}. simd: the fast one on the CPU; reference: plain loops, the definition; "
                            + "fused: one OpenCL launch an epoch, or two to five a step; layered: one an operation. "
                            + "Default: auto, which is fused on OpenCL, simd on the CPU.")
    private Kind kind = Kind.auto;

    @Option(
            names = "--variant",
            paramLabel = "NAME",
            defaultValue = "auto",
            description =
                    "How the fused engine divides a batch: ${COMPLETION-CANDIDATES}. images: a work-group an image; "
                            + "shares: several an image; tiles: several images a work-group, for large batches; "
                            + "lanes: sixteen images a work-item, for CPUs; "
                            + "persistent: one launch an epoch, on PoCL and NVIDIA. One that is named is never replaced by another. Default: auto, the fastest that works.")
    private Variant variant = Variant.auto;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Takes over what a resumed run was asked, unless the command line says otherwise. */
    void resume(Found found) {
        if (Usage.isGiven(command, "--device") || Usage.isGiven(command, "--engine")) {
            return;
        }
        Run run = found.checkpoint().run();
        device = run.device();
        kind = named(Kind.values(), run.engine(), "engine", found);
        if (!Usage.isGiven(command, "--variant")) {
            variant = named(Variant.values(), run.variant(), "variant", found);
        }
    }

    private static <E extends Enum<E>> E named(E[] known, String name, String what, Found found) {
        return Arrays.stream(known)
                .filter(value -> value.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ModelFileException(
                        found.file() + ": " + what + " " + name + ", expected one of " + Arrays.toString(known), null));
    }

    String device() {
        return device;
    }

    String engine() {
        return kind.name();
    }

    String variant() {
        return variant.name();
    }

    /** Refuses options that do not go together. */
    void check(boolean profiling) {
        Kind asked = kind();
        if (device.equals("cpu") && isOpenCl(asked)
                || !device.equals("cpu") && !device.equals("auto") && isCpu(asked)) {
            throw Usage.wrong(command, given(asked) + " does not run on --device " + device);
        }
        if (profiling && asked == Kind.reference) {
            throw Usage.wrong(command, "--profile does not go with --engine reference");
        }
        if (variant != Variant.auto && asked != Kind.fused) {
            throw Usage.wrong(command, "--variant " + variant + " is of --engine fused, not of --engine " + asked);
        }
    }

    /** A variant's name alone asks for the engine that has variants. */
    private Kind kind() {
        return kind == Kind.auto && variant != Variant.auto ? Kind.fused : kind;
    }

    private String given(Kind asked) {
        return asked == kind ? "--engine " + kind : "--variant " + variant;
    }

    private static boolean isCpu(Kind asked) {
        return asked == Kind.reference || asked == Kind.simd;
    }

    private static boolean isOpenCl(Kind asked) {
        return asked == Kind.layered || asked == Kind.fused;
    }

    /**
     * Opens the engine that the options, once checked, ask for. Under {@code auto} whatever is wrong with OpenCL becomes one line to
     * {@code messages}, and the CPU engine; a device that was named must work.
     *
     * @throws DeviceUnavailableException if the named device does not
     */
    OpenedEngine open(Network network, Settings settings, boolean profiling, Consumer<String> messages) {
        if (device.equals("cpu") || isCpu(kind())) {
            return cpu(network, settings, profiling);
        }
        if (!device.equals("auto") || isOpenCl(kind())) {
            return openCl(named(device), network, settings, profiling, messages);
        }
        Devices devices = Devices.discover();
        Optional<Device> gpu = best(devices);
        if (gpu.isEmpty()) {
            messages.accept("no OpenCL GPU (" + whyNoGpu(devices) + "); running on the CPU");
            return cpu(network, settings, profiling);
        }
        return openClOrCpu(gpu.get(), network, settings, profiling, messages);
    }

    /** The device's engine; if the device fails, one line that says how, and the CPU's engine. */
    OpenedEngine openClOrCpu(
            Device device, Network network, Settings settings, boolean profiling, Consumer<String> messages) {
        try {
            return openCl(device, network, settings, profiling, messages);
        } catch (DeviceUnavailableException e) {
            messages.accept(firstLine(e) + "; running on the CPU");
            return cpu(network, settings, profiling);
        }
    }

    /** The device that {@code auto} takes, if there is one. */
    static Optional<Device> best(Devices devices) {
        return devices.best(EngineOptions::isGpu);
    }

    /** Why {@code auto} takes no OpenCL device. */
    static String whyNoGpu(Devices devices) {
        if (!devices.problems().isEmpty()) {
            return String.join("; ", devices.problems());
        }
        return "only " + devices.all().get(0) + ", which --device opencl takes";
    }

    private static boolean isGpu(Device candidate) {
        return candidate.facts().type() == Device.Type.GPU;
    }

    /**
     * The best device that {@code device}, as the option has it, names.
     *
     * @throws DeviceUnavailableException if there is none
     */
    static Device named(String device) {
        Predicate<Device> wanted = switch (device) {
            case "gpu" -> EngineOptions::isGpu;
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

    private OpenedEngine cpu(Network network, Settings settings, boolean profiling) {
        if (kind == Kind.reference) {
            return new OpenedEngine(LayeredEngine.reference(network, settings), List::of, Optional.empty());
        }
        CpuEngine engine = profiling ? CpuEngine.profiling(network, settings) : new CpuEngine(network, settings);
        return new OpenedEngine(engine, engine::profile, Optional.empty());
    }

    private static String firstLine(Exception e) {
        return e.getMessage().lines().findFirst().orElseThrow();
    }

    /** The engine asked for; under {@code auto} the fused one, and if it fails, one line that says how, and the layered one. */
    private OpenedEngine openCl(
            Device device, Network network, Settings settings, boolean profiling, Consumer<String> messages) {
        if (kind() == Kind.layered) {
            return layered(device, network, settings, profiling);
        }
        try {
            FusedEngine engine = TunedEngines.open(device, profiling, network, settings, variant, messages);
            return new OpenedEngine(engine, engine::profile, Optional.of(engine));
        } catch (OpenClException e) {
            if (kind() == Kind.fused) {
                throw new DeviceUnavailableException(device + " does not work: " + e.getMessage());
            }
            messages.accept(firstLine(e) + "; trying the layered engine");
            return layered(device, network, settings, profiling);
        }
    }

    private static OpenedEngine layered(Device device, Network network, Settings settings, boolean profiling) {
        DeviceContext context = null;
        try {
            context = profiling ? DeviceContext.openProfiling(device) : DeviceContext.open(device);
            Engine engine = new LayeredEngine<>(Kind.layered.name(), new OpenClOps(context), network, settings);
            SelfTest.run(engine, network, settings);
            context.restartProfile();
            return new OpenedEngine(engine, context::profile, Optional.empty());
        } catch (RuntimeException e) { // whatever a driver fails with, the device is of no use
            if (context != null) {
                context.close();
            }
            throw new DeviceUnavailableException(device + " does not work: " + e.getMessage());
        }
    }
}
