package lenet5.opencl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import lenet5.engine.FusedLayer;
import lenet5.nn.Layer;
import lenet5.nn.Network.Stage;
import lenet5.nn.Shape;
import lenet5.opencl.MemoryPlan.Place;

/**
 * Writes a network's fused kernels: the bodies as macros, a call a layer with its extents and places as literals, and around
 * them the functions and kernels of the variant's files.
 */
final class FusedSource {

    private final FusedPlan step;
    private final FusedPlan evaluation;
    /** The pairs of spaces that layers are compiled for, by the names of their functions' endings. */
    private final Map<String, List<Place>> pairs = new LinkedHashMap<>();

    private FusedSource(FusedPlan step, FusedPlan evaluation) {
        this.step = step;
        this.evaluation = evaluation;
    }

    /** The kernels that train and evaluate a network as the two plans of it say. */
    static Source of(FusedPlan step, FusedPlan evaluation) {
        String name = "kernels/fused_" + step.variant().name() + ".cl for network "
                + step.network().name();
        return new Source(name, new FusedSource(step, evaluation).text());
    }

    private String text() {
        List<String> lines = new ArrayList<>();
        lines.add(define("STEP_LOCAL", Math.max(1, step.localFloats())));
        lines.add(define("STEP_BLOCK", step.blockFloats()));
        lines.add(define("EVALUATE_LOCAL", Math.max(1, evaluation.localFloats())));
        lines.add(define("EVALUATE_BLOCK", evaluation.blockFloats()));
        boolean spills = step.spills() || evaluation.spills();
        lines.add(define("FENCE", spills ? "(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)" : "CLK_LOCAL_MEM_FENCE"));
        lines.add(macro("STEP_IMAGES", imageCalls(step)));
        lines.add(macro("EVALUATE_IMAGES", imageCalls(evaluation)));
        lines.add(macro("STEP_WEIGHTS", weightCalls()));
        int lanes = step.variant().lanes();
        lines.add(define("LANES", lanes));
        lines.add(define("REAL", "float" + (lanes == 1 ? "" : lanes)));
        lines.add(include("tanh_rational"));
        lines.add(include("input_pixel"));
        String files = "fused_" + step.variant().name();
        pairs.forEach((ending, pair) -> {
            lines.add("#undef IN");
            lines.add("#undef OUT");
            lines.add("#undef NAMED");
            lines.add(define("IN", "__" + space(pair.get(0))));
            lines.add(define("OUT", "__" + space(pair.get(1))));
            lines.add(define("NAMED(function)", "function##" + ending));
            lines.add(include(files + "_layers"));
        });
        lines.add(include(files));
        return String.join("\n", lines);
    }

    private static String define(String macro, Object value) {
        return "#define " + macro + " " + value;
    }

    private static String include(String file) {
        return "#include \"" + file + ".cl\"";
    }

    private static String macro(String name, List<String> lines) {
        return "#define " + name + " \\\n    " + String.join(" \\\n    ", lines) + "\n";
    }

    private List<String> imageCalls(FusedPlan plan) {
        List<String> calls = new ArrayList<>();
        int last = plan.layers().size();
        Shape image = plan.network().input();
        Place logits = plan.slot(last);
        int classes = plan.network().classes();
        calls.add(on("load_image", plan.slot(0), "image, size, scale", image.extent(1), image.extent(2)));
        calls.add("SYNC;");
        for (int k = 0; k < last; k++) {
            calls.add("/* " + plan.layers().get(k).label() + " */");
            forward(plan, k, calls);
            calls.add("SYNC;");
        }
        calls.add("/* loss */");
        boolean squashed = plan.isSquashed(last);
        calls.add(on("softmax_cross_entropy", logits, classes, squashed, plan.training(), "label, batch, outcome"));
        if (!plan.training()) {
            calls.add(on("store", logits, classes, "logits + n * " + classes));
            return calls;
        }
        for (int k = last - 1; k >= plan.firstLearning(); k--) {
            calls.add("SYNC;");
            calls.add("/* " + plan.layers().get(k).label() + " */");
            backward(plan, k, calls);
        }
        return calls;
    }

    private void forward(FusedPlan plan, int k, List<String> calls) {
        FusedLayer layer = plan.layers().get(k);
        Layer kind = layer.stage().layer();
        Place in = plan.slot(k);
        Place out = plan.slot(k + 1);
        Shape x = layer.stage().input();
        Shape y = layer.stage().output();
        boolean squashed = layer.squashed();
        if (kind instanceof Layer.Conv5x5) {
            calls.add(between("conv5x5_forward", in, x, out, y.extent(0), squashed, parameters(layer), tile(plan, y)));
        } else if (kind instanceof Layer.Dense) {
            if (plan.training()) {
                calls.add(on("store", in, x.size(), "block + " + plan.storedInput(k)));
            }
            String sums = plan.variant().sharesSums() ? ", " + plan.parts(k) + ", " + scratch(plan, k) : "";
            calls.add(between("dense_forward", in, x, out, y.size(), squashed, parameters(layer) + sums));
        } else if (kind instanceof Layer.AveragePool2x2) {
            calls.add(between("average_pool2x2_forward", in, x, out, squashed));
        } else if (kind instanceof Layer.Tanh) {
            calls.add(between("tanh_forward", in, x.size(), out));
        } else {
            throw new IllegalArgumentException(
                    "no fused kernel for layer " + layer.stage().label());
        }
    }

    private void backward(FusedPlan plan, int k, List<String> calls) {
        FusedLayer layer = plan.layers().get(k);
        Layer kind = layer.stage().layer();
        Place in = plan.slot(k);
        Place out = plan.slot(k + 1);
        Shape x = layer.stage().input();
        Shape y = layer.stage().output();
        boolean squashed = plan.isSquashed(k);
        boolean onward = k > plan.firstLearning();
        if (kind instanceof Layer.Conv5x5) {
            String sums = plan.variant().sharesSums() ? plan.runs(k) + ", " + scratch(plan, k) : tile(plan, y);
            String share = "block + " + plan.storedGradient(k);
            calls.add(between("conv5x5_backward_weights", in, x, out, y.extent(0), sums, share));
            if (onward) {
                calls.add("SYNC;");
                calls.add(between(
                        "conv5x5_backward_input", in, x, squashed, out, y.extent(0), weights(layer), tile(plan, x)));
            }
        } else if (kind instanceof Layer.Dense) {
            calls.add(on("store", out, y.size(), "block + " + plan.storedGradient(k)));
            if (onward) {
                calls.add(between("dense_backward_input", in, x, squashed, out, y.size(), weights(layer)));
            }
        } else if (kind instanceof Layer.AveragePool2x2) {
            calls.add(between("average_pool2x2_backward", in, x, squashed, out));
        } else {
            calls.add(between("tanh_backward", in, x.size(), squashed, out));
        }
    }

    private List<String> weightCalls() {
        List<String> calls = new ArrayList<>();
        int groups = 0;
        for (int k = step.firstLearning(); k < step.layers().size(); k++) {
            FusedLayer layer = step.layers().get(k);
            if (layer.learns()) {
                String condition =
                        (groups == 0 ? "if" : "else if") + " (group < " + (groups + step.weightGroups(k)) + ") ";
                calls.add("/* " + layer.label() + " */");
                calls.add(condition + update(k, "(group - " + groups + ") * WEIGHTS_GROUP + get_local_id(0)"));
                groups += step.weightGroups(k);
            }
        }
        return calls;
    }

    private String update(int k, String item) {
        FusedLayer layer = step.layers().get(k);
        Stage stage = layer.stage();
        String gradient = "workspace + " + step.storedGradient(k);
        String target = "target + " + layer.parameters() + ", factor[0], batch";
        if (stage.layer() instanceof Layer.Conv5x5) {
            return call("conv5x5_step_weights", item, gradient, stage.parameterCount(), target);
        }
        int outputs = stage.output().size();
        String x = "workspace + " + step.storedInput(k) + ", " + stage.input().size();
        return call(
                "dense_step_weights", item, x, gradient, outputs, step.variant().outputTile(outputs), target);
    }

    /** A call of a function that touches one slot. */
    private String on(String function, Place slot, Object... arguments) {
        List<Object> all = new ArrayList<>(List.of(arguments));
        all.add(0, slot);
        return between(function, all.toArray());
    }

    /** A call of a function that touches a layer's input and output, which are the first and last place of the arguments. */
    private String between(String function, Object... arguments) {
        List<Place> places = Arrays.stream(arguments)
                .filter(Place.class::isInstance)
                .map(Place.class::cast)
                .toList();
        Place in = places.get(0);
        Place out = places.get(places.size() - 1);
        String ending = "_" + space(in) + (in.local() == out.local() ? "" : "_" + space(out));
        pairs.putIfAbsent(ending, List.of(in, out));
        return call(function + ending, arguments);
    }

    private static String call(String function, Object... arguments) {
        return function
                + Arrays.stream(arguments).map(FusedSource::literal).collect(Collectors.joining(", ", "(", ");"));
    }

    private static String literal(Object argument) {
        if (argument instanceof Place place) {
            return (place.local() ? "local_values + " : "slots + ") + place.offset();
        } else if (argument instanceof Shape shape) {
            return shape.dimensions().stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
        return argument.toString();
    }

    private static String space(Place place) {
        return place.local() ? "local" : "global";
    }

    /** What a work-item computes at once of a layer with maps. */
    private static String tile(FusedPlan plan, Shape maps) {
        return plan.variant().mapTile(maps.extent(0)) + ", " + plan.variant().pixelTile(maps);
    }

    private static String scratch(FusedPlan plan, int k) {
        return "local_values + " + plan.scratch(k).map(Place::offset).orElse(0);
    }

    private static String weights(FusedLayer layer) {
        return "parameters + " + layer.parameters();
    }

    private static String parameters(FusedLayer layer) {
        return weights(layer) + ", parameters + " + layer.bias();
    }
}
