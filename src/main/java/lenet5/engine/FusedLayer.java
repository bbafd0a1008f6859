package lenet5.engine;

import java.util.ArrayList;
import java.util.List;
import lenet5.nn.Layer;
import lenet5.nn.Network;
import lenet5.nn.Network.Stage;

/**
 * A layer as fused engines run it: together with the tanh behind it.
 *
 * @param stage the layer in its place
 * @param squashed whether its output is tanh's: the layer is one, or the one behind it is applied at once
 */
public record FusedLayer(Stage stage, boolean squashed) {

    private static final Layer.Visitor<Boolean> IS_TANH = new Layer.Visitor<>() {
        @Override
        public Boolean conv5x5(Layer.Conv5x5 layer) {
            return false;
        }

        @Override
        public Boolean averagePool2x2(Layer.AveragePool2x2 layer) {
            return false;
        }

        @Override
        public Boolean tanh(Layer.Tanh layer) {
            return true;
        }

        @Override
        public Boolean flatten(Layer.Flatten layer) {
            return false;
        }

        @Override
        public Boolean dense(Layer.Dense layer) {
            return false;
        }
    };

    private static boolean isTanh(Stage stage) {
        return stage.layer().accept(IS_TANH);
    }

    /** The network's layers; a flatten moves nothing, so it is none of them. */
    public static List<FusedLayer> of(Network network) {
        List<FusedLayer> layers = new ArrayList<>();
        for (Stage stage : network.stages()) {
            boolean tanh = isTanh(stage);
            int last = layers.size() - 1;
            if (tanh && last >= 0 && !layers.get(last).squashed) {
                layers.set(last, new FusedLayer(layers.get(last).stage, true));
            } else if (!stage.layer().movesNothing()) {
                layers.add(new FusedLayer(stage, tanh));
            }
        }
        return List.copyOf(layers);
    }

    /** The index of the first layer with weights; no gradient goes further back. */
    public static int firstLearning(List<FusedLayer> layers) {
        return (int) layers.stream().takeWhile(layer -> !layer.learns()).count();
    }

    /** Whether it has weights. */
    public boolean learns() {
        return stage.parameterCount() > 0;
    }

    /** The first of its parameters' values in the flat array; weights first, the bias behind them. */
    public int parameters() {
        return stage.parameters().get(0).offset();
    }

    /** The first of its bias' values in the flat array. */
    public int bias() {
        return stage.parameters().get(1).offset();
    }

    /** The stage's label, and whether tanh is applied at once. */
    public String label() {
        return stage.label() + (squashed && !isTanh(stage) ? ", tanh" : "");
    }
}
