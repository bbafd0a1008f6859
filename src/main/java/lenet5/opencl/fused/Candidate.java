package lenet5.opencl.fused;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lenet5.io.Sha256;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.LocalMemoryProbe;
import lenet5.opencl.OpenClException;
import lenet5.opencl.Source;
import lenet5.opencl.fused.block.BlockPlan;
import lenet5.opencl.fused.kernels.FusedSource;
import lenet5.opencl.fused.plan.Family;
import lenet5.opencl.fused.plan.GridBarrier;
import lenet5.opencl.fused.plan.Knob;
import lenet5.opencl.fused.plan.Knobs;
import lenet5.opencl.fused.plan.StepPlan;
import lenet5.opencl.fused.plan.Target;

/**
 * A variant with values for its knobs.
 *
 * @param variant never {@code auto}
 * @param knobs those that the variant has
 * @param tuned whether they are what the tuner kept
 */
public record Candidate(Variant variant, Knobs knobs, boolean tuned) {

    /** As this program comes with it. */
    public static Candidate shipped(Variant variant, Device.Facts device, int batchSize) {
        Variant suited = variant.ladder(device, batchSize).get(0);
        return new Candidate(suited, suited.on(device, batchSize).knobs(), false);
    }

    /**
     * What to try, in that order: {@code tuned}, then what is shipped, of {@code variant} alone or, if it is {@code auto}, of
     * all variants that the device could run. What was tuned of another variant than the one asked for is left out.
     */
    static List<Candidate> rungs(Variant variant, Device.Facts device, int batchSize, Optional<Candidate> tuned) {
        Stream<Candidate> first =
                tuned.stream().filter(candidate -> variant == Variant.auto || variant == candidate.variant());
        Stream<Candidate> shipped =
                variant.ladder(device, batchSize).stream().map(rung -> shipped(rung, device, batchSize));
        return Stream.concat(first, shipped).toList();
    }

    /** The same with another value, and with all others lowered that this forces to; empty if the device does not allow it. */
    public Optional<Candidate> with(Knob knob, int value, Device.Facts device, int batchSize) {
        Family family = on(device, batchSize).family();
        Knobs fitting = knobs.with(knob, value).fit(family, device);
        return fitting.get(knob) == value ? Optional.of(new Candidate(variant, fitting, tuned)) : Optional.empty();
    }

    /**
     * What the engine needs.
     *
     * @throws IllegalArgumentException naming a knob that is beyond its limit on {@code device}
     */
    Target on(Device.Facts device, int batchSize) {
        return variant.on(device, batchSize).with(knobs);
    }

    /**
     * The steps, with as much local memory as the device's kernels may have if they take more than the driver says.
     *
     * @throws OpenClException if the variant is not for {@code network} on this device
     */
    StepPlan plan(Device device, Network network, int batchSize) {
        Optional<StepPlan> plan = variant.plan(network, on(device.facts(), batchSize));
        if (plan.isPresent() && plan.get().fitsLocalMemory()) {
            return plan.get();
        }
        return variant.plan(network, on(LocalMemoryProbe.facts(device), batchSize))
                .orElseThrow(() -> new OpenClException("variant " + variant + " takes " + variant.needs()
                        + "; that is not network " + network.name() + " on " + device));
    }

    /**
     * What a driver is given to compile for training steps and evaluation, with the macros of its options in front; empty if
     * the variant is not for {@code network} on {@code device}.
     */
    Optional<String> program(Device.Facts device, Network network, int batchSize) {
        Target used = on(device, batchSize);
        Optional<GridBarrier> barrier = variant == Variant.persistent ? GridBarrier.on(device) : Optional.empty();
        Map<String, Integer> macros =
                new TreeMap<>(barrier.map(groups -> groups.defines(used)).orElse(used.defines()));
        String defines = macros.entrySet().stream()
                .map(macro -> "#define " + macro.getKey() + " " + macro.getValue() + "\n")
                .collect(Collectors.joining());
        return source(used, network).map(source -> defines + source.text());
    }

    private Optional<Source> source(Target used, Network network) {
        BlockPlan evaluation = BlockPlan.evaluation(network, used);
        return variant.plan(network, used).map(step -> FusedSource.of(step, evaluation));
    }

    /** The hash of the variant and the kernels that are compiled: two candidates with the same one run alike. */
    public String kernels(Device.Facts device, Network network, int batchSize) {
        Target used = on(device, batchSize);
        Map<String, Integer> macros = new TreeMap<>(used.knobs().definesWithoutBounds());
        MessageDigest digest = Sha256.digest();
        String text = source(used, network).map(Source::text).orElse("");
        digest.update((variant + text + macros).getBytes(StandardCharsets.UTF_8));
        return Sha256.hex(digest);
    }

    @Override
    public String toString() {
        return variant + ": " + knobs;
    }
}
