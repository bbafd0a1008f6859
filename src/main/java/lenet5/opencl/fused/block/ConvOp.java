package lenet5.opencl.fused.block;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import lenet5.engine.FusedLayer;
import lenet5.nn.Shape;
import lenet5.opencl.fused.plan.Extents;
import lenet5.opencl.fused.plan.KernelCalls;
import lenet5.opencl.fused.plan.Target;

/** A convolution. Its weights' gradient is formed an image, in runs of columns, and summed over the batch by the update. */
final class ConvOp extends FusedOp {

    ConvOp(FusedLayer layer) {
        super(layer);
    }

    @Override
    public boolean isConvolution() {
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
                .filter(runs -> runs * pairs >= block.target().group())
                .findFirst()
                .orElseGet(() -> Extents.divisor(columns, limit));
    }

    /** Whatever follows stays aligned to whole vectors of lanes. */
    @Override
    int keptGradient(BlockLayers block, int k) {
        Target target = block.target();
        return block.shares().addends(k) * target.blocks(placed().parameterCount()) * target.lanes();
    }

    @Override
    public String forward(KernelCalls calls, Target target, Operands o) {
        return calls.between(
                "conv5x5_forward",
                o.in(),
                o.x(),
                o.out(),
                o.y().extent(0),
                layer().activation(),
                o.weights(),
                o.biases(),
                tile(target, o.y()));
    }

    @Override
    public List<String> backward(KernelCalls calls, BlockPlan plan, int k) {
        Operands o = plan.operands(k);
        String sums = plan.target().dividesSums() ? plan.runs(k) + ", " + plan.scratch(k) : tile(plan.target(), o.y());
        String share = plan.shares().isShared() ? " + share * " + plan.layers().learned(k) : "";
        String gradient = "block + " + plan.block().storedGradient(k) + share;
        List<String> all = new ArrayList<>();
        all.add(calls.between("conv5x5_backward_weights", o.in(), o.x(), o.out(), o.y().extent(0), sums, gradient));
        if (k > plan.layers().firstLearning()) {
            all.add("SYNC;");
            all.add(backward(calls, plan.target(), o));
        }
        return all;
    }

    @Override
    public String backward(KernelCalls calls, Target target, Operands o) {
        return calls.between(
                "conv5x5_backward_input",
                o.in(),
                o.x(),
                o.activation(),
                o.out(),
                o.y().extent(0),
                o.weights(),
                tile(target, o.x()));
    }

    /** What a work-item computes at once of a layer with maps. */
    private static String tile(Target target, Shape maps) {
        return target.mapTile(maps) + ", " + target.pixelTile(maps);
    }

    @Override
    int weightGroups(Target target) {
        return target.convWeightGroups(placed());
    }

    @Override
    String update(BlockPlan plan, int k, String item) {
        String gradient = "workspace + " + plan.block().storedGradient(k);
        String target = "target + " + layer().weightsAt() + ", factor[0], batch";
        Shares shares = plan.shares();
        if (!shares.isShared()) {
            return KernelCalls.call("conv5x5_step_weights", item, gradient, placed().parameterCount(), target);
        }
        int biases = placed().output().extent(0);
        int weights = placed().parameterCount() - biases;
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
