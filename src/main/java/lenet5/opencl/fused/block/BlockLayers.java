package lenet5.opencl.fused.block;

import java.util.List;
import java.util.stream.IntStream;
import lenet5.engine.FusedLayer;
import lenet5.nn.Activation;
import lenet5.nn.Network;
import lenet5.nn.Shape;
import lenet5.opencl.fused.plan.Target;

/**
 * The layers that a block of images runs through, and what a group has of each; before it is known where that lies.
 *
 * @param network the network
 * @param target how the device is used
 * @param shares how groups share an image
 * @param training whether the block runs back as well
 * @param layers the network's layers
 * @param ops what is done for each
 */
public record BlockLayers(
        Network network, Target target, Shares shares, boolean training, List<FusedLayer> layers, List<FusedOp> ops) {

    public static BlockLayers of(Network network, Target target, Shares shares, boolean training) {
        List<FusedLayer> layers = FusedLayer.of(network);
        return new BlockLayers(network, target, shares, training, layers, FusedOp.of(layers));
    }

    public int count() {
        return layers.size();
    }

    /** The first layer that learns; no gradient goes further back. */
    public int firstLearning() {
        return FusedLayer.firstLearning(layers);
    }

    /** What a group holds of layer k's input. */
    public Shape input(int k) {
        return shares.of(k, layers.get(k).placed().input());
    }

    /** What a group computes of layer k's output. */
    public Shape output(int k) {
        return shares.of(k + 1, layers.get(k).placed().output());
    }

    /** Weights and biases of layer k whose gradients a group forms. */
    public int learned(int k) {
        return layers.get(k).placed().parameterCount() / shares.runs(k);
    }

    /** What made the values of slot k of sums. */
    public Activation activation(int k) {
        return FusedLayer.before(layers, k);
    }

    /** Floats of slot k, the input of layer k, or behind the last layer the logits. */
    int slotFloats(int k) {
        return (k < count() ? input(k) : output(k - 1)).size() * target.lanes();
    }

    int largestSlot() {
        return IntStream.rangeClosed(0, count()).map(this::slotFloats).max().orElseThrow();
    }

    /** The moments: 0 loads the image, k + 1 is layer k forward, then the loss, then the layers backward. */
    private int lossMoment() {
        return count() + 1;
    }

    int backwardMoment(int k) {
        return lossMoment() + count() - k;
    }
}
