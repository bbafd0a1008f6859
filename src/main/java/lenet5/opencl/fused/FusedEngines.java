package lenet5.opencl.fused;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import lenet5.engine.SelfTest;
import lenet5.engine.Settings;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.DeviceContext;
import lenet5.opencl.OpenCl;
import lenet5.opencl.OpenClException;
import lenet5.opencl.fused.kernels.FusedKernels;
import lenet5.opencl.fused.persistent.PersistentEpoch;
import lenet5.opencl.fused.persistent.PersistentLaunch;
import lenet5.opencl.fused.persistent.PersistentTrial;
import lenet5.opencl.fused.plan.GridBarrier;
import lenet5.opencl.fused.plan.StepPlan;

/** Opens the fused engine: decides which variant with which knobs runs, and tries it. */
public final class FusedEngines {

    private FusedEngines() {}

    /**
     * The first of the ways to run {@code network} that works, each checked against the reference on a small batch.
     *
     * @param profiling whether every launch is timed, see {@link FusedEngine#profile}
     * @param variant the one to run, or {@code auto}: then {@code tuned}, else the variants that the device could run, fastest
     *     first
     * @param tuned what was found fastest on the device, if it is to be tried first
     * @param messages hears a line for each that made room for the next, with the reason, and where one launch an epoch was
     *     begun with, but steps have launches each
     * @throws OpenClException if the device cannot be opened, or none works
     */
    public static FusedEngine open(
            Device device,
            boolean profiling,
            Network network,
            Settings settings,
            Variant variant,
            Optional<Candidate> tuned,
            Consumer<String> messages) {
        List<Candidate> rungs = Candidate.rungs(variant, device.facts(), settings.batchSize(), tuned);
        boolean mayChange = variant != Variant.persistent;
        Function<Candidate, FusedEngine> open = candidate -> {
            DeviceContext context = profiling ? DeviceContext.openProfiling(device) : DeviceContext.open(device);
            try {
                FusedEngine engine = open(context, network, settings, candidate, mayChange, messages);
                SelfTest.run(engine, network, settings);
                context.restartProfile();
                return engine;
            } catch (RuntimeException e) {
                context.close();
                throw e;
            }
        };
        return first(rungs, open, device, messages);
    }

    /**
     * What {@code device}'s driver is given to compile, by variant, of those made for such devices that can run {@code
     * network}; the macros of the compiler's options stand in front.
     */
    public static Map<Variant, String> programs(Device device, Network network, int batchSize) {
        Map<Variant, String> programs = new EnumMap<>(Variant.class);
        for (Variant variant : Variant.values()) {
            if (variant.suits(device.facts())) {
                Candidate.shipped(variant, device.facts(), batchSize)
                        .program(device.facts(), network, batchSize)
                        .ifPresent(program -> programs.put(variant, program));
            }
        }
        return programs;
    }

    /**
     * With exactly {@code candidate}; its gradients are not checked.
     *
     * @param mayChange whether one launch an epoch may become launches for each step where these are faster
     * @throws OpenClException if that is not for this device or network, does not build or, with one launch an epoch, does not
     *     end in the bits of launches for each step
     */
    public static FusedEngine open(
            DeviceContext context,
            Network network,
            Settings settings,
            Candidate candidate,
            boolean mayChange,
            Consumer<String> messages) {
        StepPlan step = candidate.plan(context.device(), network, settings.batchSize());
        FusedKernels kernels = new FusedKernels(context, settings, step);
        Optional<PersistentEpoch> epoch = candidate.variant() == Variant.persistent
                ? Optional.of(persistent(kernels, barrier(context.device()), settings.batchSize(), mayChange))
                : Optional.empty();
        return new FusedEngine(kernels, candidate, settings.batchSize(), epoch, messages);
    }

    private static GridBarrier barrier(Device device) {
        return GridBarrier.on(device.facts())
                .orElseThrow(() -> new OpenClException(
                        "variant persistent is for PoCL's CPUs and NVIDIA's GPUs, not for " + device));
    }

    /** Epochs in one launch by the groups of {@code barrier}, once a trial went well. */
    static PersistentEpoch persistent(FusedKernels kernels, GridBarrier barrier, int batchSize, boolean mayChange) {
        PersistentLaunch launch = new PersistentLaunch(kernels, barrier);
        try (PersistentTrial trial = new PersistentTrial(launch, batchSize)) {
            trial.problem().ifPresent(problem -> {
                throw new OpenClException(problem);
            });
            return new PersistentEpoch(launch, batchSize, mayChange ? Optional.of(trial.pace()) : Optional.empty());
        }
    }

    /** What {@code open} makes of the first rung with which it does not fail. */
    static <E> E first(List<Candidate> rungs, Function<Candidate, E> open, Device device, Consumer<String> messages) {
        for (int i = 0; ; i++) {
            Candidate rung = rungs.get(i);
            try {
                return open.apply(rung);
            } catch (RuntimeException e) { // whatever a driver fails with, there may be another way
                String problem =
                        "variant " + rung.variant() + " does not work on " + device + ": " + OpenCl.firstLine(e);
                if (i == rungs.size() - 1) {
                    throw new OpenClException(problem);
                }
                messages.accept(problem + "; trying " + rungs.get(i + 1).variant());
            }
        }
    }
}
