package lenet5.engine;

import java.util.ArrayList;
import java.util.List;
import lenet5.nn.Activation;
import lenet5.nn.Network;
import lenet5.nn.Network.Placed;

/**
 * A layer as fused engines run it: together with the activation behind it.
 *
 * @param placed the layer in its place
 * @param activation what made its output of its sums: it is one, or the one behind it is applied at once
 */
public record FusedLayer(Placed placed, Activation activation) {

    /** The network's layers; a flatten moves nothing, so it is none of them. */
    public static List<FusedLayer> of(Network network) {
        List<FusedLayer> layers = new ArrayList<>();
        for (Placed placed : network.layers()) {
            Activation activation = placed.layer().activation();
            int last = layers.size() - 1;
            if (!activation.isIdentity()
                    && last >= 0
                    && layers.get(last).activation.isIdentity()) {
                layers.set(last, new FusedLayer(layers.get(last).placed, activation));
            } else if (!placed.layer().movesNothing()) {
                layers.add(new FusedLayer(placed, activation));
            }
        }
        return List.copyOf(layers);
    }

    /** The index of the first layer that learns; no gradient goes further back. */
    public static int firstLearning(List<FusedLayer> layers) {
        return (int) layers.stream().takeWhile(layer -> !layer.learns()).count();
    }

    /** Whether it has weights. */
    public boolean hasWeights() {
        return !placed.parameters().isEmpty();
    }

    /** Whether training changes them. */
    public boolean learns() {
        return placed.learns();
    }

    /** What made the input of layer {@code index}. */
    public static Activation before(List<FusedLayer> layers, int index) {
        return index > 0 ? layers.get(index - 1).activation : Activation.IDENTITY;
    }

    /** The first of its parameters' values in the flat array; weights first, the bias behind them. */
    public int weightsAt() {
        return placed.parameters().get(0).offset();
    }

    /** The first of its bias' values in the flat array. */
    public int biasAt() {
        return placed.parameters().get(1).offset();
    }

    /** The layer's label, and the activation that is applied at once. */
    public String label() {
        boolean atOnce = !activation.isIdentity() && placed.layer().activation().isIdentity();
        return placed.label() + (atOnce ? ", " + activation : "");
    }
}
