package lenet5.opencl.fused;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import lenet5.engine.FusedLayer;
import lenet5.nn.Shape;

/** A convolution. Its weights' gradient is formed an image, in runs of columns, and summed over the batch by the update. */
final class ConvOp extends FusedOp {

    ConvOp(FusedLayer layer) {
        super(layer);
    }

    @Override
    boolean isConvolution() {
        return true;
    }

    @Override
    int backwardScratch(BlockLayers block, int k) {
        int runs = wantedRuns(block, k);
        return runs > 1 ? runs * block.learned(k) : 0;
    }

    /** As many runs as it takes to give every work-item a task, if their sums take no more memory than a slot does. */
    private static int wantedRuns(BlockLayers block, int k) {
        int pairs = block.input(k).extent(0) * block.output(k).extent(0);
        int columns = block.output(k).extent(2);
        int limit = Math.max(1, block.largestSlot() / block.learned(k));
        return IntStream.rangeClosed(1, columns)
                .filter(runs -> columns % runs == 0 && runs <= limit)
                .filter(runs -> runs * pairs >= block.variant().group())
                .findFirst()
                .orElseGet(() -> FusedVariant.divisor(columns, limit));
    }

    /** Whatever follows stays aligned to whole vectors of lanes. */
    @Override
    int keptGradient(BlockLayers block, int k) {
        FusedVariant variant = block.variant();
        return block.shares().addends(k) * variant.blocks(stage().parameterCount()) * variant.lanes();
    }

    @Override
    String forward(KernelCalls calls, FusedVariant variant, Operands o) {
        return calls.between(
                "conv5x5_forward",
                o.in(),
                o.x(),
                o.out(),
                o.y().extent(0),
                layer().activation(),
                o.weights(),
                o.biases(),
                tile(variant, o.y()));
    }

    @Override
    List<String> backward(KernelCalls calls, BlockPlan plan, int k) {
        Operands o = plan.operands(k);
        String sums = plan.variant().sharesSums() ? plan.runs(k) + ", " + plan.scratch(k) : tile(plan.variant(), o.y());
        String share = plan.shares().isShared() ? " + share * " + plan.layers().learned(k) : "";
        String gradient = "block + " + plan.block().storedGradient(k) + share;
        List<String> all = new ArrayList<>();
        all.add(calls.between("conv5x5_backward_weights", o.in(), o.x(), o.out(), o.y().extent(0), sums, gradient));
        if (k > plan.layers().firstLearning()) {
            all.add("SYNC;");
            all.add(backward(calls, plan.variant(), o));
        }
        return all;
    }

    @Override
    String backward(KernelCalls calls, FusedVariant variant, Operands o) {
        return calls.between(
                "conv5x5_backward_input",
                o.in(),
                o.x(),
                o.activation(),
                o.out(),
                o.y().extent(0),
                o.weights(),
                tile(variant, o.x()));
    }

    /** What a work-item computes at once of a layer with maps. */
    private static String tile(FusedVariant variant, Shape maps) {
        return variant.mapTile(maps) + ", " + variant.pixelTile(maps);
    }

    @Override
    int weightGroups(FusedVariant variant) {
        return variant.convWeightGroups(stage());
    }

    @Override
    String update(BlockPlan plan, int k, String item) {
        String gradient = "workspace + " + plan.block().storedGradient(k);
        String target = "target + " + layer().parameters() + ", factor[0], batch";
        Shares shares = plan.shares();
        if (!shares.isShared()) {
            return KernelCalls.call("conv5x5_step_weights", item, gradient, stage().parameterCount(), target);
        }
        int biases = stage().output().extent(0);
        int weights = stage().parameterCount() - biases;
        return KernelCalls.call(
                "conv5x5_step_shared_weights",
                item,
                gradient,
                weights,
                biases,
                shares.runs(k),
                shares.addends(k),
                target);
    }
}
