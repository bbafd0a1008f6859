package lenet5.opencl.fused;

import java.util.Arrays;
import java.util.Optional;
import lenet5.opencl.Device;

/**
 * What the parameters of a variant have to keep to: each is a positive multiple of its unit and, by every constraint on it, at
 * most so much.
 */
enum Constraint {
    GROUP_FITS_DEVICE(Knob.GROUP, Constraint::largestGroup, "the device's largest work-group"),
    WEIGHTS_GROUP_FITS_DEVICE(Knob.WEIGHTS_GROUP, Constraint::largestGroup, "the device's largest work-group"),
    DENSE_GROUP_FITS_DEVICE(Knob.DENSE_GROUP, Constraint::largestGroup, "the device's largest work-group"),
    DENSE_IMAGES_FIT_REGISTERS(
            Knob.DENSE_IMAGES,
            (kind, device, knobs) -> kind.registers(),
            "the sums that a work-item has registers for"),
    CONVOLUTION_FITS_REGISTERS(
            Knob.MAX_PIXELS,
            (kind, device, knobs) -> kind.registers() / knobs.get(Knob.MAX_MAPS),
            "the sums that a work-item has registers for, divided by max_maps"),
    DENSE_FITS_REGISTERS(
            Knob.MAX_ROWS, (kind, device, knobs) -> kind.registers(), "the sums that a work-item has registers for"),
    DENSE_WEIGHTS_FIT_REGISTERS(
            Knob.MAX_OUTPUTS,
            (kind, device, knobs) -> kind.registers() / knobs.get(Knob.MAX_COLUMNS),
            "the sums that a work-item has registers for, divided by max_columns"),
    PARTS_FIT_GROUP(Knob.PARTS, (kind, device, knobs) -> knobs.get(Knob.GROUP), "group, the work-items that there are");

    /** The largest value that a parameter may have, given everything else. */
    @FunctionalInterface
    private interface Limit {
        long of(FusedKind kind, Device.Facts device, Knobs knobs);
    }

    private final Knob parameter;
    private final Limit limit;
    private final String reason;

    Constraint(Knob parameter, Limit limit, String reason) {
        this.parameter = parameter;
        this.limit = limit;
        this.reason = reason;
    }

    private static long largestGroup(FusedKind kind, Device.Facts device, Knobs knobs) {
        return device.maxWorkGroupSize();
    }

    /** What is wrong with a parameter, naming it, its value and what was expected; empty if nothing. */
    static Optional<String> violation(FusedKind kind, Device.Facts device, Knobs knobs) {
        return knobs.values().entrySet().stream()
                .filter(value -> value.getValue() < 1
                        || value.getValue() % value.getKey().unit() != 0)
                .map(value -> value.getKey() + " is " + value.getValue() + ", expected "
                        + expected(value.getKey().unit()))
                .findFirst()
                .or(() -> Arrays.stream(values())
                        .flatMap(constraint -> constraint.excess(kind, device, knobs).stream())
                        .findFirst());
    }

    private static String expected(int unit) {
        return unit == 1 ? "at least 1" : "a positive multiple of " + unit;
    }

    /** {@code knobs} with each parameter lowered to its limit where it is above. */
    static Knobs fit(FusedKind kind, Device.Facts device, Knobs knobs) {
        Knobs fitting = knobs;
        for (Constraint constraint : values()) {
            if (constraint.excess(kind, device, fitting).isPresent()) {
                int most = (int) constraint.limit.of(kind, device, fitting);
                fitting = fitting.with(constraint.parameter, most);
            }
        }
        return fitting;
    }

    private Optional<String> excess(FusedKind kind, Device.Facts device, Knobs knobs) {
        long most = limit.of(kind, device, knobs);
        int value = knobs.get(parameter);
        return value <= most
                ? Optional.empty()
                : Optional.of(parameter + " is " + value + ", expected at most " + most + ", " + reason);
    }
}
