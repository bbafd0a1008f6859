package lenet5.opencl.fused.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import lenet5.engine.FusedLayer;
import lenet5.nn.Activation;
import lenet5.nn.Shape;
import lenet5.opencl.fused.plan.MemoryPlan.Place;

/** Writes calls of the layers' functions, and remembers for which memory spaces these have to be compiled. */
public final class KernelCalls {

    /** The memory spaces of a layer's input, output and weights. */
    public record Spaces(String in, String out, String weights) {}

    /** A convolution's weights or biases, as an argument. */
    public record Weights(String text, boolean local) {
        @Override
        public String toString() {
            return text;
        }
    }

    private final Map<String, Spaces> spaces = new LinkedHashMap<>();

    /** What the calls need, by the endings of the functions' names. */
    public Map<String, Spaces> spaces() {
        return spaces;
    }

    /** A call of a function that touches one slot. */
    public String on(String function, Place slot, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(arguments));
        all.add(0, slot);
        return between(function, all.toArray());
    }

    /** A call of a function that touches a layer's input and output, which are the first and last place of the arguments. */
    public String between(String function, Object... arguments) {
        List<Place> places = Arrays.stream(arguments)
                .filter(Place.class::isInstance)
                .map(Place.class::cast)
                .toList();
        Place in = places.get(0);
        Place out = places.get(places.size() - 1);
        boolean cached =
                Arrays.stream(arguments).anyMatch(argument -> argument instanceof Weights weights && weights.local());
        String ending =
                "_" + space(in) + (in.local() == out.local() ? "" : "_" + space(out)) + (cached ? "_cached" : "");
        spaces.putIfAbsent(ending, new Spaces("__" + space(in), "__" + space(out), cached ? "__local" : "__global"));
        return call(function + ending, arguments);
    }

    public static String call(String function, Object... arguments) {
        return function
                + Arrays.stream(arguments).map(KernelCalls::literal).collect(Collectors.joining(", ", "(", ");"));
    }

    /** What stands above a layer's calls. */
    public static String comment(FusedLayer layer) {
        return "/* " + layer.label() + " */";
    }

    private static String literal(Object argument) {
        if (argument instanceof Place place) {
            return (place.local() ? "local_values + " : "slots + ") + place.offset();
        } else if (argument instanceof Shape shape) {
            return shape.dimensions().stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
        return argument instanceof Activation activation ? literal(activation) : argument.toString();
    }

    private static String literal(Activation activation) {
        return activation.isIdentity()
                ? "IDENTITY"
                : "TANH(" + activation.amplitude() + "f, " + activation.slope() + "f)";
    }

    private static String space(Place place) {
        return place.local() ? "local" : "global";
    }
}
