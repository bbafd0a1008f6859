package lenet5.opencl.fused.tiles;

import java.util.ArrayList;
import java.util.List;
import lenet5.engine.FusedLayer;
import lenet5.opencl.fused.plan.KernelCalls;
import lenet5.opencl.fused.plan.MemoryPlan;

/** Writes the dense layers of a training step for several images at once: see {@code kernels/fused/tiles/dense.cl}. */
final class DenseCalls {

    private final TilesLayers layers;
    private final TilesWorkspace block;
    private final DensePlan plan;
    private final List<String> calls = new ArrayList<>();

    DenseCalls(TilesPlan plan) {
        this.layers = plan.layers();
        this.block = plan.block();
        this.plan = plan.dense();
    }

    /** Forward, loss and back to the gradient by the first layer's input. */
    List<String> all() {
        int first = layers.dense();
        int last = layers.count();
        add("dense_fetch", "block + " + block.storedInput(first), layers.slot(first), plan.slot(first), "count");
        for (int k = first; k < last; k++) {
            comment(k);
            if (!layers.isDense(k)) {
                add("tanh_forward_dense", plan.slot(k), floats(k), plan.slot(k + 1), layer(k).activation());
                continue;
            }
            if (k > first) {
                calls.add(KernelCalls.call(
                        "dense_store", plan.slot(k), layers.slot(k), "block + " + block.storedInput(k), "count"));
            }
            int parts = plan.forwardParts(k);
            product(k, k + 1, "workspace + " + block.transposed(k), parts, plan.forwardSums(k));
            add(
                    "dense_forward_add",
                    plan.forwardSums(k),
                    layers.slot(k + 1),
                    parts,
                    plan.slot(k + 1),
                    layer(k).activation(),
                    "parameters + " + layer(k).biasAt());
        }
        calls.add("/* loss */");
        add(
                "dense_loss",
                plan.slot(last),
                layers.slot(last),
                layers.activation(last),
                "labels, order + first + n, batch, outcomes + 2 * n, count");
        for (int k = last - 1; k >= first; k--) {
            comment(k);
            if (layers.isDense(k)) {
                backward(k);
            } else {
                add("tanh_backward_dense", plan.slot(k), floats(k), layers.activation(k), plan.slot(k + 1));
            }
        }
        return calls;
    }

    private void backward(int k) {
        String gradient = "block + " + block.storedGradient(k);
        calls.add(KernelCalls.call("dense_store", plan.slot(k + 1), layers.slot(k + 1), gradient, "count"));
        if (k <= layers.firstLearning()) {
            return;
        }
        int parts = plan.backwardParts(k);
        product(k + 1, k, "parameters + " + layer(k).weightsAt(), parts, plan.backwardSums(k));
        if (k > layers.dense()) {
            add("dense_backward_add", plan.backwardSums(k), layers.slot(k), parts, plan.slot(k), layers.activation(k));
        } else {
            add(
                    "dense_backward_leave",
                    plan.backwardSums(k),
                    layers.slot(k),
                    parts,
                    "block + " + block.storedInput(k),
                    layers.activation(k),
                    "block + " + block.gradient(k),
                    "count");
        }
    }

    /** The sums of slot {@code to} over the values of slot {@code from}. */
    private void product(int from, int to, String weights, int parts, MemoryPlan.Place sums) {
        add("dense_product", plan.slot(from), layers.slot(from), weights, layers.slot(to), parts, sums);
    }

    private void add(String function, Object... arguments) {
        calls.add(KernelCalls.call(function, arguments));
        calls.add("SYNC;");
    }

    private int floats(int k) {
        return layers.slot(k) * plan.images();
    }

    private FusedLayer layer(int k) {
        return layers.layers().get(k);
    }

    private void comment(int k) {
        calls.add(KernelCalls.comment(layer(k)));
    }
}
