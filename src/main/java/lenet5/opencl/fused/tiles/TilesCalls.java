package lenet5.opencl.fused.tiles;

import java.util.ArrayList;
import java.util.List;
import lenet5.engine.FusedLayer;
import lenet5.nn.Shape;
import lenet5.opencl.fused.block.FusedOp.Operands;
import lenet5.opencl.fused.plan.KernelCalls;
import lenet5.opencl.fused.plan.KernelCalls.Weights;
import lenet5.opencl.fused.plan.MemoryPlan.Place;

/** Writes a training step whose groups work on several images: see {@code kernels/fused/tiles/tiles.cl}. */
final class TilesCalls {

    private final KernelCalls writer;
    private final TilesPlan plan;
    private final TilesLayers layers;
    private final TilesWorkspace block;
    private final List<String> calls = new ArrayList<>();

    TilesCalls(KernelCalls writer, TilesPlan plan) {
        this.writer = writer;
        this.plan = plan;
        this.layers = plan.layers();
        this.block = plan.block();
    }

    /** From the images to the input of the first dense layer. */
    List<String> forward() {
        calls.clear();
        int[] convs = layers.convs();
        for (int k : layers.denses()) {
            calls.add(KernelCalls.call(
                    "transpose",
                    "parameters + " + layer(k).weightsAt(),
                    layers.slot(k + 1),
                    layers.slot(k),
                    "workspace + " + block.transposed(k)));
        }
        fetchWeights(convs);
        Shape image = layers.network().input();
        eachImage(
                plan.forwardImage(),
                "__global const uchar *image = images + order[first + n + m] * size[0] * size[1];",
                writer.on("load_image", plan.forwardSlot(0), "image, size, scale", image.extent(1), image.extent(2)));
        for (int k = 0; k < layers.dense(); k++) {
            calls.add(comment(k));
            if (block.keeps(k)) {
                keep(k, block.kept(k));
            }
            if (layers.isPooled(k)) {
                pooledConv(k);
                k++;
            } else {
                eachImage(plan.forwardImage(), forward(k));
            }
        }
        keep(layers.dense(), block.storedInput(layers.dense()));
        return List.copyOf(calls);
    }

    private void fetchWeights(int[] convs) {
        for (int k : convs) {
            calls.add(KernelCalls.call(
                    "fetch_local",
                    "tile_values + " + plan.weights(k, convs),
                    "parameters + " + layer(k).weightsAt(),
                    plan.learned(k)));
        }
        writer.spaces().putIfAbsent("_local", new KernelCalls.Spaces("__local", "__local", "__global"));
    }

    private void keep(int k, int at) {
        eachImage(plan.forwardImage(), writer.on("store", plan.forwardSlot(k), layers.slot(k), "slots + " + at));
    }

    private void pooledConv(int k) {
        calls.add(KernelCalls.call(
                "conv5x5_pool_forward_" + k,
                ofTile(plan.forwardSlot(k)),
                "block + " + block.kept(k + 1),
                layer(k).activation(),
                ofTile(plan.forwardSlot(k + 2)),
                layer(k + 1).activation(),
                weights(k),
                biases(k),
                "FORWARD_IMAGES",
                "count"));
        calls.add("SYNC;");
    }

    private String forward(int k) {
        Operands operands = new Operands(
                plan.forwardSlot(k),
                layers.placed(k).input(),
                layers.activation(k),
                plan.forwardSlot(k + 1),
                layers.placed(k).output(),
                layers.isConv(k) ? weights(k) : null,
                layers.isConv(k) ? biases(k) : null);
        return layers.ops().get(k).forward(writer, plan.target(), operands);
    }

    private Weights weights(int k) {
        return new Weights("tile_values + " + plan.weights(k, layers.convs()), true);
    }

    private Weights biases(int k) {
        int weights = plan.learned(k) - layers.placed(k).output().extent(0);
        return new Weights("tile_values + " + (plan.weights(k, layers.convs()) + weights), true);
    }

    /** The gradients by the convolutions' inputs. */
    List<String> backward() {
        calls.clear();
        int[] convs = layers.convsWithGradient();
        fetchWeights(convs);
        for (int index = convs.length - 1; index >= 0; index--) {
            int k = convs[index];
            calls.add(comment(k));
            for (String call : chain(k, true)) {
                eachImage(plan.backwardImage(), call);
            }
            calls.add(KernelCalls.call(
                    "conv5x5_backward_columns_" + k,
                    "block + " + block.kept(k),
                    layers.activation(k),
                    ofTile(plan.backwardSlot(k, k + 1)),
                    "tile_values + " + plan.weights(k, convs),
                    "block + " + block.gradient(k),
                    "BACKWARD_IMAGES",
                    "count"));
            calls.add("SYNC;");
        }
        return List.copyOf(calls);
    }

    /** Calls that bring the gradient by convolution k's output to its slot, a barrier behind each. */
    private List<String> chain(int k, boolean backward) {
        List<String> steps = new ArrayList<>();
        int[] slots = layers.chain(k);
        int boundary = layers.boundary(k);
        boolean direct = boundary == k + 1;
        for (int slot : slots) {
            steps.add(writer.on(
                    "fetch",
                    chainSlot(k, slot, backward),
                    "slots + " + (direct ? block.gradient(slot) : block.kept(slot)),
                    layers.slot(slot)));
        }
        for (int slot : slots) {
            if (!direct) {
                Place in = chainSlot(k, slot, backward);
                Place out = slot + 1 == boundary
                        ? new Place(false, block.gradient(boundary))
                        : chainSlot(k, slot + 1, backward);
                Operands operands = new Operands(
                        in,
                        layers.placed(slot).input(),
                        layers.activation(slot),
                        out,
                        layers.placed(slot).output(),
                        null,
                        null);
                steps.add(layers.ops().get(slot).backward(writer, plan.target(), operands));
            }
        }
        return steps;
    }

    private Place chainSlot(int k, int slot, boolean backward) {
        return backward ? plan.backwardSlot(k, slot) : plan.gradientsSlot(k, slot);
    }

    /** The gradients by weights, each of a slice of the batch. */
    List<String> gradients() {
        calls.clear();
        int convs = 0;
        for (int k : layers.convs()) {
            calls.add(comment(k));
            calls.add((convs == 0 ? "" : "else ") + "if (group < " + (convs + 1) + " * conv_slices) {");
            convGradient(k, "group - " + convs + " * conv_slices");
            calls.add("}");
            convs++;
        }
        int tiles = 0;
        for (int k : layers.denses()) {
            calls.add(comment(k));
            String own = "(group - " + convs + " * conv_slices - " + tiles * plan.denseSlices() + ")";
            tiles += plan.denseTiles(k);
            calls.add((convs + tiles == plan.denseTiles(k) ? "" : "else ") + "if (group < " + convs
                    + " * conv_slices + " + tiles * plan.denseSlices() + ") {");
            calls.add(KernelCalls.call(
                    "dense_gradient",
                    own + " / DENSE_SLICES",
                    own + " % DENSE_SLICES",
                    blocks(block.storedInput(k)),
                    layers.slot(k),
                    blocks(block.storedGradient(k)),
                    layers.slot(k + 1),
                    "local_values",
                    "workspace + " + block.partials(k) + " + " + own + " % DENSE_SLICES * " + plan.learned(k),
                    "batch"));
            calls.add("}");
        }
        return List.copyOf(calls);
    }

    private void convGradient(int k, String slice) {
        calls.add("int slice = " + slice + ";");
        calls.add("float sum[" + plan.tile(k).gradientMaps() + "][TAPS + 1];");
        calls.add("CLEAR(sum, " + plan.tile(k).gradientMaps() + ")");
        calls.add("for (int n = slice; n < batch; n += conv_slices) {");
        calls.add("__global float *slots = " + blocks(0) + " + (size_t)n * STEP_BLOCK;");
        Place x = plan.gradientsSlot(k, k);
        if (k == 0) {
            Shape image = layers.network().input();
            calls.add("__global const uchar *image = images + order[first + n] * size[0] * size[1];");
            calls.add(writer.on("load_image", x, "image, size, scale", image.extent(1), image.extent(2)));
        } else {
            calls.add(writer.on("fetch", x, "slots + " + block.kept(k), layers.slot(k)));
        }
        for (String call : chain(k, false)) {
            calls.add(call);
            calls.add("SYNC;");
        }
        int items = plan.tile(k).gradientItems(layers.placed(k));
        String add = KernelCalls.call(
                "conv5x5_gradient_add_" + k, "get_local_id(0)", x, plan.gradientsSlot(k, k + 1), "sum");
        calls.add("if (get_local_id(0) < " + items + ") " + add);
        calls.add("SYNC;");
        calls.add("}");
        calls.add(KernelCalls.call(
                "conv5x5_gradient_leave_" + k,
                "get_local_id(0)",
                "sum",
                "local_values",
                "workspace + " + block.partials(k) + " + slice * " + plan.learned(k)));
    }

    private static String blocks(int at) {
        return "workspace + STEP_COMMON + " + at;
    }

    /** The sums of the partial gradients, and the update. */
    List<String> weights() {
        calls.clear();
        int groups = 0;
        for (int k : layers.learning()) {
            calls.add(comment(k));
            calls.add((groups == 0 ? "" : "else ") + "if (group < " + (groups + plan.weightGroups(k)) + ") "
                    + KernelCalls.call(
                            "add_partials",
                            "group - " + groups,
                            "workspace + " + block.partials(k),
                            plan.learned(k),
                            layers.isConv(k) ? "min(CONV_SLICES, batch)" : "DENSE_SLICES",
                            plan.adders(k),
                            "sums",
                            "target + " + layer(k).weightsAt(),
                            "factor[0]"));
            groups += plan.weightGroups(k);
        }
        return List.copyOf(calls);
    }

    /** A call for each image of the group, by the place of the first, and a barrier. */
    private void eachImage(int stride, String... body) {
        calls.add("for (int m = 0; m < count; m++) {");
        calls.add("__local float *local_values = tile_values + m * " + stride + ";");
        calls.add("__global float *slots = block + (size_t)m * STEP_BLOCK;");
        calls.addAll(List.of(body));
        calls.add("}");
        calls.add("SYNC;");
    }

    private static String ofTile(Place place) {
        return "tile_values + " + place.offset();
    }

    private FusedLayer layer(int k) {
        return layers.layers().get(k);
    }

    private String comment(int k) {
        return KernelCalls.comment(layer(k));
    }
}
