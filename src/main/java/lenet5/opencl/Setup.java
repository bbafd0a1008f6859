package lenet5.opencl;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
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
        Variant suited = variant.suited(device, batchSize);
        return new Setup(suited, suited.on(device, batchSize).tuning(), false);
    }

    /** What was kept for such steps, if {@code variant} allows it, else what is shipped; see {@link TuningCache#find}. */
    static Setup chosen(
            Variant variant, Device.Facts device, Network network, int batchSize, Consumer<String> messages) {
        return TuningCache.user()
                .find(device, network, batchSize, messages)
                .filter(tuned -> variant == Variant.auto || variant == tuned.variant())
                .orElseGet(() -> shipped(variant, device, batchSize));
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

    /** How the groups of one launch an epoch wait for one another, if that is the variant and known of the device. */
    Optional<GridBarrier> barrier(Device.Facts device) {
        return variant == Variant.persistent ? GridBarrier.on(device) : Optional.empty();
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
