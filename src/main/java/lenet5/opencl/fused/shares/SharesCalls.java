package lenet5.opencl.fused.shares;

import java.util.ArrayList;
import java.util.List;
import lenet5.engine.FusedLayer;
import lenet5.nn.Shape;
import lenet5.opencl.fused.block.BlockCalls;
import lenet5.opencl.fused.block.BlockPlan;
import lenet5.opencl.fused.block.Shares;
import lenet5.opencl.fused.plan.KernelCalls;
import lenet5.opencl.fused.plan.MemoryPlan.Place;

/**
 * Writes the images' part of a training step where groups share an image, in two launches: see
 * {@code kernels/fused/shares/shares.cl}.
 */
final class SharesCalls {

    private final BlockCalls whole;
    private final KernelCalls writer;
    private final BlockPlan plan;
    private final Shares shares;

    SharesCalls(KernelCalls writer, BlockPlan plan) {
        this.whole = new BlockCalls(writer, plan);
        this.writer = writer;
        this.plan = plan;
        this.shares = plan.shares();
    }

    /** From the images to the groups' shares of the first dense layer's sums. */
    List<String> forward() {
        List<String> calls = new ArrayList<>();
        calls.add(whole.loadImage());
        for (int k = 0; k <= shares.conv(); k++) {
            cache(k, calls);
        }
        for (int k = 0; k < shares.dense(); k++) {
            calls.add("SYNC;");
            calls.add(whole.comment(k));
            keep(k, calls);
            calls.addAll(whole.forward(k));
        }
        int dense = shares.dense();
        calls.add("SYNC;");
        calls.add(whole.comment(dense));
        calls.add(store(
                plan.slot(dense),
                plan.layers().input(dense).size(),
                plan.block().storedInput(dense)));
        denseSums(dense, calls);
        calls.add("SYNC;");
        calls.add(KernelCalls.call(
                "dense_leave",
                plan.sums(),
                plan.layers().output(dense).size(),
                plan.target().parts(),
                "block + " + plan.block().sharedSums() + " + share"));
        return calls;
    }

    /** From there to the loss and back. */
    List<String> backward() {
        List<String> calls = new ArrayList<>();
        int last = plan.layers().count() - 1;
        int dense = shares.dense();
        fetchAll(calls);
        for (int k = dense; k <= last; k++) {
            calls.add("SYNC;");
            calls.add(whole.comment(k));
            if (plan.op(k).isDense()) {
                int parts = k == dense ? shares.count() : plan.target().parts();
                if (k > dense) {
                    storeOnce(
                            k,
                            plan.slot(k),
                            plan.layers().input(k),
                            plan.block().storedInput(k),
                            calls);
                    denseSums(k, calls);
                    calls.add("SYNC;");
                }
                calls.add(KernelCalls.call(
                        "dense_add",
                        plan.sums(),
                        plan.layers().output(k).size(),
                        parts,
                        plan.slot(k + 1),
                        plan.layer(k).activation(),
                        "parameters + " + plan.layer(k).biasAt()));
            } else {
                calls.addAll(whole.forward(k));
            }
        }
        calls.add("SYNC;");
        calls.add("/* loss */");
        calls.add(whole.loss());
        for (int k = last; k >= plan.layers().firstLearning(); k--) {
            calls.add("SYNC;");
            calls.add(whole.comment(k));
            if (plan.op(k).isDense()) {
                denseBackward(k, calls);
            } else {
                calls.addAll(whole.backward(k));
            }
        }
        return calls;
    }

    private void fetchAll(List<String> calls) {
        if (plan.layers().firstLearning() == 0) {
            calls.add(whole.loadImage());
        }
        for (int k = 0; k <= shares.dense(); k++) {
            if (plan.block().keeps(k)) {
                calls.add(fetch(
                        "block + " + plan.block().keptSlot(k) + ofShare(k),
                        plan.layers().input(k).size(),
                        plan.slot(k)));
            }
            if (k > plan.layers().firstLearning()) {
                cache(k, calls);
            }
        }
        int dense = shares.dense();
        int inputs = plan.layers().input(dense).size();
        calls.add(fetch("block + " + plan.block().storedInput(dense) + ofShare(dense), inputs, plan.slot(dense)));
        calls.add(fetch(
                "block + " + plan.block().sharedSums(),
                plan.layers().output(dense).size() * shares.count(),
                plan.sums()));
    }

    /** Convolution k's weights and biases, those of the group's maps, to local memory if there is room. */
    private void cache(int k, List<String> calls) {
        plan.cached(k).ifPresent(place -> {
            FusedLayer layer = plan.layer(k);
            int biases = plan.layers().output(k).extent(0);
            int weights = plan.layers().learned(k) - biases;
            boolean divided = shares.runs(k) > 1;
            calls.add(fetch(
                    "parameters + " + layer.weightsAt() + (divided ? " + share * " + weights : ""), weights, place));
            calls.add(fetch(
                    "parameters + " + layer.biasAt() + (divided ? " + share * " + biases : ""),
                    biases,
                    new Place(true, place.offset() + weights)));
        });
    }

    /** Leaves slot k to step_backward: the group's own maps, or a share of what all groups have. */
    private void keep(int k, List<String> calls) {
        if (plan.block().keeps(k)) {
            int count = plan.layers().input(k).size();
            calls.add(
                    shares.divides(k)
                            ? store(plan.slot(k), count, plan.block().keptSlot(k))
                            : KernelCalls.call(
                                    "store_share",
                                    plan.slot(k),
                                    count,
                                    "block + " + plan.block().keptSlot(k),
                                    "share"));
        }
    }

    private String store(Place slot, int count, int at) {
        return writer.on("store", slot, count, "block + " + at + " + share * " + count);
    }

    /** Stores what all groups of an image have. */
    private void storeOnce(int k, Place slot, Shape values, int at, List<String> calls) {
        calls.add("if (share == 0) " + writer.on("store", slot, values.size(), "block + " + at));
    }

    private String fetch(String from, int count, Place to) {
        return writer.on("fetch", to, from, count);
    }

    private void denseSums(int k, List<String> calls) {
        int outputs = plan.layers().output(k).size();
        calls.add(KernelCalls.call(
                "dense_sums",
                plan.slot(k),
                plan.layers().input(k).size(),
                weights(k),
                stride(k),
                outputs,
                plan.target().outputTile(outputs),
                plan.target().parts(),
                plan.sums()));
    }

    private void denseBackward(int k, List<String> calls) {
        int inputs = plan.layers().input(k).size();
        int parts = plan.inputParts(k);
        int outputs = plan.layers().output(k).size();
        storeOnce(k, plan.slot(k + 1), plan.layers().output(k), plan.block().storedGradient(k), calls);
        calls.add(KernelCalls.call(
                "dense_input_sums", plan.slot(k + 1), outputs, weights(k), stride(k), inputs, parts, plan.sums()));
        calls.add("SYNC;");
        calls.add(KernelCalls.call(
                "dense_input_add",
                plan.sums(),
                inputs,
                parts,
                plan.slot(k),
                plan.layers().activation(k)));
    }

    private String weights(int k) {
        return "parameters + " + plan.layer(k).weightsAt() + ofShare(k);
    }

    /** What separates the weights of one output from those of the next. */
    private int stride(int k) {
        return plan.layer(k).placed().input().size();
    }

    /** The step to what belongs to the group, in an array of slot k's elements. */
    private String ofShare(int k) {
        return shares.divides(k) ? " + share * " + plan.layers().input(k).size() : "";
    }
}
