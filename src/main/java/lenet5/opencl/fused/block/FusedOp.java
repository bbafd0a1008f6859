package lenet5.opencl.fused.block;

import java.util.ArrayList;
import java.util.List;
import lenet5.engine.FusedLayer;
import lenet5.nn.Activation;
import lenet5.nn.Layer;
import lenet5.nn.Network.Placed;
import lenet5.nn.Shape;
import lenet5.opencl.fused.plan.KernelCalls;
import lenet5.opencl.fused.plan.KernelCalls.Weights;
import lenet5.opencl.fused.plan.MemoryPlan.Place;
import lenet5.opencl.fused.plan.Target;

/** What fused kernels do for a kind of layer: the memory that it takes, its calls, and the owners of its weights. */
public abstract class FusedOp {

    /**
     * What a call is about.
     *
     * @param in where the layer's input is
     * @param x its shape
     * @param activation what made it of sums
     * @param out where its output is
     * @param y its shape
     * @param weights the layer's weights, null if it has none
     * @param biases its biases, null if it has none
     */
    public record Operands(
            Place in, Shape x, Activation activation, Place out, Shape y, Weights weights, Weights biases) {}

    private final FusedLayer layer;

    FusedOp(FusedLayer layer) {
        this.layer = layer;
    }

    /** One an each layer. */
    public static List<FusedOp> of(List<FusedLayer> layers) {
        List<FusedOp> ops = new ArrayList<>();
        layers.forEach(layer -> ops.add(layer.placed().layer().accept(new Layer.Visitor<FusedOp>() {
            @Override
            public FusedOp conv5x5(Layer.Conv5x5 conv) {
                return new ConvOp(layer);
            }

            @Override
            public FusedOp averagePool2x2(Layer.AveragePool2x2 pool) {
                return new PoolOp(layer);
            }

            @Override
            public FusedOp tanh(Layer.Tanh tanh) {
                return new TanhOp(layer);
            }

            @Override
            public FusedOp flatten(Layer.Flatten flatten) {
                throw new IllegalStateException("a flatten is no fused layer");
            }

            @Override
            public FusedOp dense(Layer.Dense dense) {
                return new DenseOp(layer);
            }
        })));
        return List.copyOf(ops);
    }

    final FusedLayer layer() {
        return layer;
    }

    final Placed placed() {
        return layer.placed();
    }

    /** Whether it is a convolution, whose maps groups may share. */
    public boolean isConvolution() {
        return false;
    }

    /** Whether it halves the extents of maps. */
    public boolean isPooling() {
        return false;
    }

    /** Whether each of its outputs is a sum over all of its inputs. */
    public boolean isDense() {
        return false;
    }

    /** Floats of local memory that help layer k of {@code block} forward. */
    int forwardScratch(BlockLayers block, int k) {
        return 0;
    }

    /** Floats of local memory that help it on its way back. */
    int backwardScratch(BlockLayers block, int k) {
        return 0;
    }

    /** Floats of its input that a block keeps for the update of the weights. */
    int keptInput(BlockLayers block, int k) {
        return 0;
    }

    /** Floats of gradients, or of what they are made from, that a block leaves to the update of the weights. */
    int keptGradient(BlockLayers block, int k) {
        return 0;
    }

    /** The calls of its forward pass in {@code plan}, where it is layer k. */
    public List<String> forward(KernelCalls calls, BlockPlan plan, int k) {
        return List.of(forward(calls, plan.target(), plan.operands(k)));
    }

    /** The calls of its way back. */
    public List<String> backward(KernelCalls calls, BlockPlan plan, int k) {
        return List.of(backward(calls, plan.target(), plan.operands(k)));
    }

    /** The call that computes its output. */
    public abstract String forward(KernelCalls calls, Target target, Operands operands);

    /** The call that puts the gradient by its input into the input's place. */
    public abstract String backward(KernelCalls calls, Target target, Operands operands);

    /** Work-groups that own its weights. */
    int weightGroups(Target target) {
        return 0;
    }

    /** The call by which owner {@code item} updates its weights. */
    String update(BlockPlan plan, int k, String item) {
        throw new IllegalStateException(layer.label() + " learns nothing");
    }

    /** Multiply-adds an image that its update does, of those of the way back. */
    long updateMultiplyAdds() {
        return 0;
    }
}
