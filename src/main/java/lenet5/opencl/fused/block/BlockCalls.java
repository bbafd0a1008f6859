package lenet5.opencl.fused.block;

import java.util.ArrayList;
import java.util.List;
import lenet5.nn.Shape;
import lenet5.opencl.fused.plan.KernelCalls;

/** Writes the calls that take a block of images through a network. */
public final class BlockCalls {

    private final KernelCalls calls;
    private final BlockPlan plan;

    public BlockCalls(KernelCalls calls, BlockPlan plan) {
        this.calls = calls;
        this.plan = plan;
    }

    /** Forward to the loss and, in training, back. */
    public List<String> all() {
        List<String> all = new ArrayList<>();
        int last = plan.layers().count();
        all.add(loadImage());
        all.add("SYNC;");
        for (int k = 0; k < last; k++) {
            all.add(comment(k));
            all.addAll(forward(k));
            all.add("SYNC;");
        }
        all.add("/* loss */");
        all.add(loss());
        if (!plan.layers().training()) {
            int classes = plan.layers().network().classes();
            all.add(calls.on("store", plan.slot(last), classes, "logits + n * " + classes));
            return all;
        }
        for (int k = last - 1; k >= plan.layers().firstLearning(); k--) {
            all.add("SYNC;");
            all.add(comment(k));
            all.addAll(backward(k));
        }
        return all;
    }

    public String loadImage() {
        Shape image = plan.layers().network().input();
        return calls.on("load_image", plan.slot(0), "image, size, scale", image.extent(1), image.extent(2));
    }

    public List<String> forward(int k) {
        return plan.op(k).forward(calls, plan, k);
    }

    public String loss() {
        int last = plan.layers().count();
        return calls.on(
                "softmax_cross_entropy",
                plan.slot(last),
                plan.layers().network().classes(),
                plan.layers().activation(last),
                plan.layers().training(),
                "label, batch, outcome");
    }

    public List<String> backward(int k) {
        return plan.op(k).backward(calls, plan, k);
    }

    public String comment(int k) {
        return KernelCalls.comment(plan.layer(k));
    }
}
