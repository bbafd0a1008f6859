package lenet5.opencl.fused.tiles;

import java.util.List;
import java.util.stream.IntStream;
import lenet5.engine.FusedLayer;
import lenet5.nn.Activation;
import lenet5.nn.Network;
import lenet5.nn.Network.Placed;
import lenet5.opencl.fused.block.FusedOp;

/**
 * A network as groups see it that work on several images: convolutions, pooling and tanh, then dense layers and tanh. Slot k is
 * the input of layer k, or behind the last layer the logits.
 *
 * @param network the network
 * @param layers its layers
 * @param ops what is done for each
 * @param dense the first dense layer
 * @param firstLearning the first layer that learns
 */
record TilesLayers(Network network, List<FusedLayer> layers, List<FusedOp> ops, int dense, int firstLearning) {

    static TilesLayers of(Network network) {
        List<FusedLayer> layers = FusedLayer.of(network);
        List<FusedOp> ops = FusedOp.of(layers);
        int dense = (int) ops.stream().takeWhile(op -> !op.isDense()).count();
        return new TilesLayers(network, layers, ops, dense, FusedLayer.firstLearning(layers));
    }

    int count() {
        return layers.size();
    }

    Placed placed(int k) {
        return layers.get(k).placed();
    }

    /** Floats of an image's slot k. */
    int slot(int k) {
        return k < count() ? placed(k).input().size() : network.classes();
    }

    /** What made the values of slot k of sums. */
    Activation activation(int k) {
        return FusedLayer.before(layers, k);
    }

    boolean isDense(int k) {
        return ops.get(k).isDense();
    }

    boolean isConv(int k) {
        return ops.get(k).isConvolution();
    }

    /** Whether layer k is a convolution with pooling behind it, both computed at once. */
    boolean isPooled(int k) {
        return isConv(k) && ops.get(k + 1).isPooling();
    }

    int[] convs() {
        return IntStream.range(0, dense).filter(this::isConv).toArray();
    }

    int[] denses() {
        return IntStream.range(dense, count()).filter(this::isDense).toArray();
    }

    /** All layers whose weights are updated. */
    int[] learning() {
        return IntStream.range(0, count()).filter(k -> layers.get(k).learns()).toArray();
    }

    /** Convolutions whose input has a gradient. */
    int[] convsWithGradient() {
        return IntStream.of(convs()).filter(k -> k > firstLearning).toArray();
    }

    /** The next slot from k + 1 on whose gradient is kept: the input of a convolution or of the first dense layer. */
    int boundary(int k) {
        return IntStream.range(k + 1, dense).filter(this::isConv).findFirst().orElse(dense);
    }

    /** Slots that the gradient by convolution k's output is formed in, the last first. */
    int[] chain(int k) {
        int last = Math.max(k + 1, boundary(k) - 1);
        return IntStream.rangeClosed(k + 1, last).map(j -> last + k + 1 - j).toArray();
    }
}
