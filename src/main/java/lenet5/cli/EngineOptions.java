package lenet5.cli;

import java.util.Arrays;
import java.util.function.Consumer;
import lenet5.engine.Settings;
import lenet5.engines.DeviceUnavailableException;
import lenet5.engines.EngineRequest;
import lenet5.engines.Engines;
import lenet5.engines.Kind;
import lenet5.engines.OpenedEngine;
import lenet5.nn.Network;
import lenet5.opencl.fused.Variant;
import lenet5.train.CheckpointDirectory.Found;
import lenet5.train.ModelFileException;
import lenet5.train.Run;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where to compute, and how: the options that choose an engine. */
final class EngineOptions {

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
        EngineRequest request = request(profiling);
        Kind asked = request.kind();
        if (!request.fits()) {
            throw Usage.wrong(command, given(asked) + " does not run on --device " + device);
        }
        if (profiling && asked == Kind.reference) {
            throw Usage.wrong(command, "--profile does not go with --engine reference");
        }
        if (variant != Variant.auto && asked != Kind.fused) {
            throw Usage.wrong(command, "--variant " + variant + " is of --engine fused, not of --engine " + asked);
        }
    }

    private EngineRequest request(boolean profiling) {
        return new EngineRequest(device, kind, variant, profiling);
    }

    private String given(Kind asked) {
        return asked == kind ? "--engine " + kind : "--variant " + variant;
    }

    /**
     * Opens the engine that the options, once checked, ask for; see {@link Engines#open}.
     *
     * @throws DeviceUnavailableException if the named device does not work
     */
    OpenedEngine open(Network network, Settings settings, boolean profiling, Consumer<String> messages) {
        return Engines.open(request(profiling), network, settings, messages);
    }
}
