package lenet5.opencl.fused.plan;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import lenet5.opencl.Device;

/**
 * The knobs that a variant's kernels have, with their values.
 *
 * @param values by knob; a limit of one looks at those before it
 */
public record Knobs(Map<Knob, Integer> values) {

    public static final Knobs NONE = new Knobs(Map.of());

    public Knobs {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** The same with another value, or with a knob more. */
    public Knobs with(Knob knob, int value) {
        Map<Knob, Integer> changed = new LinkedHashMap<>(values);
        changed.put(knob, value);
        return new Knobs(changed);
    }

    /** The value; 1 if the kernels do not have the knob, which is to say that nothing is divided or done at once. */
    public int get(Knob knob) {
        return values.getOrDefault(knob, 1);
    }

    /** What is wrong with a value on {@code device}, naming its knob and what was expected; empty if nothing. */
    Optional<String> violation(Family family, Device.Facts device) {
        return values.entrySet().stream()
                .flatMap(value -> value.getKey().violation(value.getValue(), family, device, this).stream())
                .findFirst();
    }

    /** The same with each value lowered to its limit where it is above. */
    public Knobs fit(Family family, Device.Facts device) {
        Knobs fitting = this;
        for (Knob knob : values.keySet()) {
            Knobs others = fitting;
            int value = fitting.get(knob);
            long most = knob.limit()
                    .map(limit -> limit.most().of(family, device, others))
                    .orElse((long) value);
            fitting = value > most ? fitting.with(knob, (int) most) : fitting;
        }
        return fitting;
    }

    /** The macros that the kernels are compiled with. */
    public Map<String, Integer> defines() {
        return defines(knob -> knob.use() != Knob.Use.PLAN);
    }

    /** Those of them that make other kernels whatever the calls have. */
    public Map<String, Integer> definesWithoutBounds() {
        return defines(knob -> knob.use() == Knob.Use.MACRO);
    }

    private Map<String, Integer> defines(Predicate<Knob> which) {
        return values.entrySet().stream()
                .filter(value -> which.test(value.getKey()))
                .collect(Collectors.toMap(value -> value.getKey().name(), Map.Entry::getValue));
    }

    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(value -> value.getKey() + " " + value.getValue())
                .collect(Collectors.joining(", "));
    }
}
