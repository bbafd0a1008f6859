package lenet5.opencl;

import java.util.ArrayList;
import java.util.List;
import lenet5.engine.FusedLayer;
import lenet5.nn.Layer;
import lenet5.nn.Network.Stage;
import lenet5.nn.Shape;
import lenet5.opencl.KernelCalls.Weights;
import lenet5.opencl.MemoryPlan.Place;

/**
 * Writes a network's fused kernels: the bodies as macros, a call a layer with its extents and places as literals, and around
 * them the functions and kernels of the variant's files.
 */
final class FusedSource {

    private final FusedPlan step;
    private final FusedPlan evaluation;
    private final KernelCalls writer = new KernelCalls();

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
        lines.add("#define PROGRAM"); // the files' own examples are not needed
        lines.add(define("STEP_LOCAL", Math.max(1, step.localFloats())));
        lines.add(define(
                "STEP_BLOCK",
                step.tiles()
                        .map(tiles -> tiles.block().floats())
                        .orElse(step.block().floats())));
        lines.add(define("STEP_WEIGHT_GROUPS", step.weightGroups()));
        lines.add(define("EVALUATE_LOCAL", Math.max(1, evaluation.localFloats())));
        lines.add(define("EVALUATE_BLOCK", evaluation.block().floats()));
        boolean spills = step.spills() || evaluation.spills() || step.tiles().isPresent();
        lines.add(define("FENCE", spills ? "(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)" : "CLK_LOCAL_MEM_FENCE"));
        boolean shared = step.shares().isShared();
        if (step.tiles().isPresent()) {
            lines.addAll(new TileSource(step.tiles().get(), writer).macros());
        } else if (shared) {
            SharedCalls calls = new SharedCalls(this, writer, step);
            lines.add(define("SHARES", step.shares().count()));
            lines.add(macro("STEP_FORWARD", calls.forward()));
            lines.add(macro("STEP_BACKWARD", calls.backward()));
        } else {
            lines.add(macro("STEP_IMAGES", imageCalls(step)));
        }
        lines.add(macro("EVALUATE_IMAGES", imageCalls(evaluation)));
        if (step.tiles().isEmpty()) {
            lines.add(macro("STEP_WEIGHTS", weightCalls()));
        }
        int lanes = step.variant().lanes();
        lines.add(define("LANES", lanes));
        lines.add(define("REAL", "float" + (lanes == 1 ? "" : lanes)));
        lines.add(include("tanh_rational"));
        lines.add(include("input_pixel"));
        lines.add(include("fused_common"));
        String files = "fused_" + step.variant().name();
        writer.spaces().forEach((ending, spaces) -> {
            lines.addAll(named(ending, spaces));
            lines.add(include(files + "_layers"));
        });
        step.tiles().ifPresent(tiles -> lines.addAll(new TileSource(tiles, writer).files()));
        if (shared) {
            lines.add(include(files + "_shares"));
        }
        lines.add(include(files));
        return String.join("\n", lines);
    }

    /** What a file is included with that names its functions by {@code ending}. */
    static List<String> named(String ending, KernelCalls.Spaces spaces) {
        return List.of(
                "#undef IN",
                "#undef OUT",
                "#undef WEIGHTS",
                "#undef NAMED",
                define("IN", spaces.in()),
                define("OUT", spaces.out()),
                define("WEIGHTS", spaces.weights()),
                define("NAMED(function)", "function##" + ending));
    }

    static String define(String macro, Object value) {
        return "#define " + macro + " " + value;
    }

    static String include(String file) {
        return "#include \"" + file + ".cl\"";
    }

    static String macro(String name, List<String> lines) {
        return "#define " + name + " \\\n    " + String.join(" \\\n    ", lines) + "\n";
    }

    private List<String> imageCalls(FusedPlan plan) {
        List<String> calls = new ArrayList<>();
        int last = plan.layers().size();
        calls.add(loadImage(plan));
        calls.add("SYNC;");
        for (int k = 0; k < last; k++) {
            calls.add("/* " + plan.layers().get(k).label() + " */");
            forward(plan, k, calls);
            calls.add("SYNC;");
        }
        calls.add("/* loss */");
        calls.add(loss(plan));
        if (!plan.training()) {
            int classes = plan.network().classes();
            calls.add(writer.on("store", plan.slot(last), classes, "logits + n * " + classes));
            return calls;
        }
        for (int k = last - 1; k >= plan.firstLearning(); k--) {
            calls.add("SYNC;");
            calls.add("/* " + plan.layers().get(k).label() + " */");
            backward(plan, k, calls);
        }
        return calls;
    }

    String loadImage(FusedPlan plan) {
        Shape image = plan.network().input();
        return writer.on("load_image", plan.slot(0), "image, size, scale", image.extent(1), image.extent(2));
    }

    String loss(FusedPlan plan) {
        int last = plan.layers().size();
        int classes = plan.network().classes();
        boolean squashed = plan.isSquashed(last);
        return writer.on(
                "softmax_cross_entropy", plan.slot(last), classes, squashed, plan.training(), "label, batch, outcome");
    }

    void forward(FusedPlan plan, int k, List<String> calls) {
        FusedLayer layer = plan.layers().get(k);
        Layer kind = layer.stage().layer();
        Place in = plan.slot(k);
        Place out = plan.slot(k + 1);
        Shape x = plan.input(k);
        Shape y = plan.output(k);
        boolean squashed = layer.squashed();
        if (kind instanceof Layer.Conv5x5) {
            calls.add(writer.between(
                    "conv5x5_forward",
                    in,
                    x,
                    out,
                    y.extent(0),
                    squashed,
                    weights(plan, k),
                    biases(plan, k),
                    tile(plan, y)));
        } else if (kind instanceof Layer.Dense) {
            if (plan.training()) {
                calls.add(writer.on(
                        "store", in, x.size(), "block + " + plan.block().storedInput(k)));
            }
            String sums = plan.variant().sharesSums() ? ", " + plan.parts(k) + ", " + scratch(plan, k) : "";
            calls.add(writer.between("dense_forward", in, x, out, y.size(), squashed, parameters(layer) + sums));
        } else if (kind instanceof Layer.AveragePool2x2) {
            calls.add(writer.between("average_pool2x2_forward", in, x, out, squashed));
        } else if (kind instanceof Layer.Tanh) {
            calls.add(writer.between("tanh_forward", in, x.size(), out));
        } else {
            throw new IllegalArgumentException(
                    "no fused kernel for layer " + layer.stage().label());
        }
    }

    void backward(FusedPlan plan, int k, List<String> calls) {
        FusedLayer layer = plan.layers().get(k);
        Layer kind = layer.stage().layer();
        Place in = plan.slot(k);
        Place out = plan.slot(k + 1);
        Shape x = plan.input(k);
        Shape y = plan.output(k);
        boolean squashed = plan.isSquashed(k);
        boolean onward = k > plan.firstLearning();
        if (kind instanceof Layer.Conv5x5) {
            String sums = plan.variant().sharesSums() ? plan.runs(k) + ", " + scratch(plan, k) : tile(plan, y);
            String share = plan.shares().isShared() ? " + share * " + plan.learned(k) : "";
            String gradient = "block + " + plan.block().storedGradient(k) + share;
            calls.add(writer.between("conv5x5_backward_weights", in, x, out, y.extent(0), sums, gradient));
            if (onward) {
                calls.add("SYNC;");
                calls.add(writer.between(
                        "conv5x5_backward_input", in, x, squashed, out, y.extent(0), weights(plan, k), tile(plan, x)));
            }
        } else if (kind instanceof Layer.Dense) {
            calls.add(
                    writer.on("store", out, y.size(), "block + " + plan.block().storedGradient(k)));
            if (onward) {
                calls.add(writer.between("dense_backward_input", in, x, squashed, out, y.size(), weights(layer)));
            }
        } else if (kind instanceof Layer.AveragePool2x2) {
            calls.add(writer.between("average_pool2x2_backward", in, x, squashed, out));
        } else {
            calls.add(writer.between("tanh_backward", in, x.size(), squashed, out));
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
                calls.add(condition
                        + update(
                                k,
                                "(group - " + groups + ") * " + step.variant().weightsGroup() + " + member"));
                groups += step.weightGroups(k);
            }
        }
        return calls;
    }

    private String update(int k, String item) {
        FusedLayer layer = step.layers().get(k);
        Stage stage = layer.stage();
        String gradient = "workspace + " + step.block().storedGradient(k);
        String target = "target + " + layer.parameters() + ", factor[0], batch";
        Shares shares = step.shares();
        if (shares.isShared() && stage.layer() instanceof Layer.Conv5x5) {
            int biases = stage.output().extent(0);
            int weights = stage.parameterCount() - biases;
            return KernelCalls.call(
                    "conv5x5_step_shared_weights",
                    item,
                    gradient,
                    weights,
                    biases,
                    shares.runs(k),
                    shares.addends(k),
                    target);
        } else if (stage.layer() instanceof Layer.Conv5x5) {
            return KernelCalls.call("conv5x5_step_weights", item, gradient, stage.parameterCount(), target);
        }
        int outputs = stage.output().size();
        String x = "workspace + " + step.block().storedInput(k) + ", "
                + stage.input().size();
        return KernelCalls.call(
                "dense_step_weights", item, x, gradient, outputs, step.variant().outputTile(outputs), target);
    }

    /** What a work-item computes at once of a layer with maps. */
    private static String tile(FusedPlan plan, Shape maps) {
        return plan.variant().mapTile(maps) + ", " + plan.variant().pixelTile(maps);
    }

    private static String scratch(FusedPlan plan, int k) {
        return "local_values + " + plan.scratch(k).map(Place::offset).orElse(0);
    }

    /** A convolution's weights: in local memory, or those of the group's maps among the parameters. */
    private static Weights weights(FusedPlan plan, int k) {
        return weights(
                plan,
                k,
                plan.layers().get(k).parameters(),
                plan.learned(k) - plan.output(k).extent(0),
                0);
    }

    private static Weights biases(FusedPlan plan, int k) {
        int biases = plan.output(k).extent(0);
        return weights(plan, k, plan.layers().get(k).bias(), biases, plan.learned(k) - biases);
    }

    private static Weights weights(FusedPlan plan, int k, int parameters, int count, int stagedAt) {
        String share = plan.shares().runs(k) > 1 ? " + share * " + count : "";
        return plan.staged(k)
                .map(place -> new Weights("local_values + " + (place.offset() + stagedAt), true))
                .orElse(new Weights("parameters + " + parameters + share, false));
    }

    private static String weights(FusedLayer layer) {
        return "parameters + " + layer.parameters();
    }

    private static String parameters(FusedLayer layer) {
        return weights(layer) + ", parameters + " + layer.bias();
    }
}
