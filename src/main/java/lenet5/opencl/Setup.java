package lenet5.opencl;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lenet5.io.Sha256;
import lenet5.nn.Network;

/**
 * A variant with values for its parameters.
 *
 * @param variant never {@code auto}
 * @param tuning the parameters that the variant has
 * @param tuned whether they are what {@link Tuner} kept
 */
record Setup(Variant variant, Tuning tuning, boolean tuned) {

    /** As this program comes with it. */
    static Setup shipped(Variant variant, Device.Facts device, int batchSize) {
        Variant suited = variant.ladder(device, batchSize).get(0);
        return new Setup(suited, suited.on(device, batchSize).tuning(), false);
    }

    /**
     * What to try, in that order: what was kept for such steps, see {@link TuningCache#find}, then what is shipped, of {@code
     * variant} alone or, if it is {@code auto}, of all variants that the device could run.
     */
    static List<Setup> rungs(
            Variant variant, Device.Facts device, Network network, int batchSize, Consumer<String> messages) {
        Stream<Setup> tuned = TuningCache.user().find(device, network, batchSize, messages).stream()
                .filter(setup -> variant == Variant.auto || variant == setup.variant());
        Stream<Setup> shipped =
                variant.ladder(device, batchSize).stream().map(rung -> shipped(rung, device, batchSize));
        return Stream.concat(tuned, shipped).toList();
    }

    /** The same with another value, and with all others lowered that this forces to; empty if the device does not allow it. */
    Optional<Setup> with(Parameter parameter, int value, Device.Facts device, int batchSize) {
        FusedKind kind = on(device, batchSize).kind();
        Tuning fitting = Constraint.fit(kind, device, tuning.with(parameter, value));
        return fitting.get(parameter) == value ? Optional.of(new Setup(variant, fitting, tuned)) : Optional.empty();
    }

    /**
     * What the engine needs.
     *
     * @throws IllegalArgumentException naming a parameter that breaks a {@link Constraint} on {@code device}
     */
    FusedVariant on(Device.Facts device, int batchSize) {
        return variant.on(device, batchSize).with(tuning);
    }

    /**
     * As {@link #on}, with as much local memory as the device's kernels may have if it takes more than the driver says.
     *
     * @throws OpenClException if the variant is not for {@code network} on this device
     */
    FusedVariant on(Device device, Network network, int batchSize) {
        FusedVariant variant = on(device.facts(), batchSize);
        if (this.variant.fits(FusedPlan.training(network, variant))) {
            return variant;
        }
        FusedVariant ample = on(LocalMemoryProbe.facts(device), batchSize);
        FusedPlan plan = FusedPlan.training(network, ample);
        this.variant.misfit(plan).ifPresent(expected -> {
            throw new OpenClException("variant " + this.variant + " takes " + expected + "; that is not network "
                    + network.name() + " on " + device);
        });
        return ample;
    }

    /** What a driver is given to compile for training steps and evaluation, with the macros of its options in front. */
    String program(Device.Facts device, Network network, int batchSize) {
        FusedVariant used = on(device, batchSize);
        Map<String, Integer> macros = new TreeMap<>(
                variant == Variant.persistent
                        ? GridBarrier.on(device)
                                .map(barrier -> barrier.defines(used))
                                .orElse(used.defines())
                        : used.defines());
        String defines = macros.entrySet().stream()
                .map(macro -> "#define " + macro.getKey() + " " + macro.getValue() + "\n")
                .collect(Collectors.joining());
        FusedPlan step = FusedPlan.training(network, used);
        return defines
                + FusedSource.of(step, new FusedPlan(network, used, false)).text();
    }

    /** The hash of the variant and the kernels that are compiled: two setups with the same one run alike. */
    String kernels(Device.Facts device, Network network, int batchSize) {
        FusedVariant used = on(device, batchSize);
        Source source = FusedSource.of(FusedPlan.training(network, used), new FusedPlan(network, used, false));
        Map<String, Integer> macros = new TreeMap<>(used.defines());
        Parameter.bounds().forEach(bound -> macros.remove(bound.name()));
        MessageDigest digest = Sha256.digest();
        digest.update((variant + source.text() + macros).getBytes(StandardCharsets.UTF_8));
        return Sha256.hex(digest);
    }

    @Override
    public String toString() {
        return variant + ": " + tuning;
    }
}
