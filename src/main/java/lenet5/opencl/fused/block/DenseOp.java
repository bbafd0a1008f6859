package lenet5.opencl.fused.block;

import java.util.ArrayList;
import java.util.List;
import lenet5.engine.FusedLayer;
import lenet5.opencl.fused.plan.KernelCalls;
import lenet5.opencl.fused.plan.Target;

/** A dense layer. Its weights' gradient is formed by the update, from the inputs and output gradients of the batch. */
final class DenseOp extends FusedOp {

    DenseOp(FusedLayer layer) {
        super(layer);
    }

    @Override
    public boolean isDense() {
        return true;
    }

    /** Where groups share an image, its sums have a place of their own, see {@link BlockPlan#sums}. */
    @Override
    int forwardScratch(BlockLayers block, int k) {
        int parts = block.target().parts();
        return parts > 1 && !block.shares().isShared()
                ? parts * placed().output().size()
                : 0;
    }

    @Override
    int keptInput(BlockLayers block, int k) {
        return placed().input().size() * block.target().lanes();
    }

    @Override
    int keptGradient(BlockLayers block, int k) {
        return placed().output().size() * block.target().lanes();
    }

    @Override
    public List<String> forward(KernelCalls calls, BlockPlan plan, int k) {
        Operands o = plan.operands(k);
        List<String> all = new ArrayList<>();
        if (plan.layers().training()) {
            all.add(calls.on(
                    "store", o.in(), o.x().size(), "block + " + plan.block().storedInput(k)));
        }
        String sums = plan.target().dividesSums() ? ", " + plan.parts(k) + ", " + plan.scratch(k) : "";
        all.add(forward(calls, o, sums));
        return all;
    }

    @Override
    public String forward(KernelCalls calls, Target target, Operands o) {
        return forward(calls, o, "");
    }

    private String forward(KernelCalls calls, Operands o, String sums) {
        return calls.between(
                "dense_forward",
                o.in(),
                o.x(),
                o.out(),
                o.y().size(),
                layer().activation(),
                o.weights() + ", " + o.biases() + sums);
    }

    @Override
    public List<String> backward(KernelCalls calls, BlockPlan plan, int k) {
        Operands o = plan.operands(k);
        List<String> all = new ArrayList<>();
        all.add(calls.on(
                "store", o.out(), o.y().size(), "block + " + plan.block().storedGradient(k)));
        if (k > plan.layers().firstLearning()) {
            all.add(backward(calls, plan.target(), o));
        }
        return all;
    }

    @Override
    public String backward(KernelCalls calls, Target target, Operands o) {
        return calls.between(
                "dense_backward_input",
                o.in(),
                o.x(),
                o.activation(),
                o.out(),
                o.y().size(),
                o.weights().text());
    }

    @Override
    int weightGroups(Target target) {
        return target.denseWeightGroups(placed());
    }

    @Override
    String update(BlockPlan plan, int k, String item) {
        int outputs = placed().output().size();
        return KernelCalls.call(
                "dense_step_weights",
                item,
                "workspace + " + plan.block().storedInput(k),
                placed().input().size(),
                "workspace + " + plan.block().storedGradient(k),
                outputs,
                plan.target().outputTile(outputs),
                "target + " + layer().weightsAt() + ", factor[0], batch");
    }

    @Override
    long updateMultiplyAdds() {
        return placed().learns() ? placed().multiplyAdds() : 0;
    }
}
