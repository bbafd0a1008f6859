package lenet5.opencl.fused;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The parameters that a variant's kernels have, with their values.
 *
 * @param values by parameter, in the order of {@link Knob}
 */
public record Knobs(Map<Knob, Integer> values) {

    public Knobs {
        values = Collections.unmodifiableMap(new EnumMap<>(values));
    }

    /** The same with another value. */
    Knobs with(Knob parameter, int value) {
        Map<Knob, Integer> changed = new EnumMap<>(values);
        changed.put(parameter, value);
        return new Knobs(changed);
    }

    /** The value; 1 if the kernels do not have the parameter, which is to say that nothing is shared or done at once. */
    public int get(Knob parameter) {
        return values.getOrDefault(parameter, 1);
    }

    /** The macros that the kernels are compiled with. */
    Map<String, Integer> defines() {
        return values.entrySet().stream()
                .filter(value -> value.getKey().isMacro())
                .collect(Collectors.toMap(value -> value.getKey().name(), Map.Entry::getValue));
    }

    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(value -> value.getKey() + " " + value.getValue())
                .collect(Collectors.joining(", "));
    }
}
