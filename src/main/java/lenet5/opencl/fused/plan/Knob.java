package lenet5.opencl.fused.plan;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import lenet5.opencl.Device;

/**
 * A number that fused kernels are built with and that changes how fast they are, not what they compute. It stands with the
 * kernels it belongs to.
 *
 * @param name of the macro, if it is one
 * @param use where the number goes
 * @param choices values worth a try, in ascending order
 * @param unit what a value is a multiple of
 * @param limit what bounds it, if anything does
 */
public record Knob(String name, Use use, List<Integer> choices, int unit, Optional<Limit> limit) {

    /** Where a knob's number goes. */
    public enum Use {
        /** To a macro of the kernels. */
        MACRO,
        /** To a macro that only bounds what the calls have, so that several values may make the same kernels. */
        BOUND,
        /** To the plan: the calls have what follows from it. */
        PLAN
    }

    /** The largest value that a knob may have. */
    @FunctionalInterface
    public interface Most {
        /** Given device and all other knobs. */
        long of(Family family, Device.Facts device, Knobs knobs);
    }

    /**
     * What bounds a knob.
     *
     * @param most the largest value
     * @param reason what that is, for people
     */
    public record Limit(Most most, String reason) {

        /** The sums that a work-item has registers for. */
        public static final Limit REGISTERS =
                new Limit((family, device, knobs) -> family.registers(), "the sums that a work-item has registers for");

        /** The work-items that a device lets a group have. */
        public static final Limit DEVICE_GROUP =
                new Limit((family, device, knobs) -> device.maxWorkGroupSize(), "the device's largest work-group");

        /** What registers allow where each of its sums is needed {@code times} times. */
        public static Limit registersOver(Knob times) {
            return new Limit(
                    (family, device, knobs) -> family.registers() / knobs.get(times),
                    REGISTERS.reason + ", divided by " + times);
        }
    }

    public static Knob of(String name, Use use, Integer... choices) {
        return new Knob(name, use, List.of(choices), 1, Optional.empty());
    }

    /** The same with a bound. */
    public Knob within(Limit bound) {
        return new Knob(name, use, choices, unit, Optional.of(bound));
    }

    /** The same in multiples of {@code multiple}. */
    public Knob inUnitsOf(int multiple) {
        return new Knob(name, use, choices, multiple, limit);
    }

    /** What is wrong with {@code value}, naming the knob and what was expected; empty if nothing. */
    Optional<String> violation(int value, Family family, Device.Facts device, Knobs knobs) {
        if (value < 1 || value % unit != 0) {
            return Optional.of(this + " is " + value + ", expected "
                    + (unit == 1 ? "at least 1" : "a positive multiple of " + unit));
        }
        return limit.filter(bound -> value > bound.most.of(family, device, knobs))
                .map(bound -> this + " is " + value + ", expected at most " + bound.most.of(family, device, knobs)
                        + ", " + bound.reason);
    }

    /** The name in messages and files. */
    @Override
    public String toString() {
        return name.toLowerCase(Locale.ROOT);
    }
}
