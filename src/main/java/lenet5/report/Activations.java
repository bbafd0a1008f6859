package lenet5.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.engine.Engine;
import lenet5.engine.LayeredEngine;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Layer;
import lenet5.nn.Network;
import lenet5.nn.Network.Placed;
import lenet5.nn.Parameters;

/** What each layer makes of one image. */
final class Activations {

    private static final Settings INFERENCE = new Settings(1, 1);

    private Activations() {}

    /**
     * The output of every layer, in memory order, computed by the reference engine. A layer's output is the answer of the
     * network that ends there.
     *
     * @param image one image
     */
    static List<float[]> of(Parameters parameters, LabeledImages image, Normalization normalization) {
        List<float[]> outputs = new ArrayList<>();
        for (Placed placed : parameters.network().layers()) {
            Network head = upTo(placed, parameters.network());
            float[] learned = Arrays.copyOf(parameters.values(), head.parameterCount());
            try (Engine engine = LayeredEngine.reference(head, INFERENCE);
                    StagedData staged = engine.stage(image, normalization)) {
                engine.load(new Parameters(head, learned));
                outputs.add(engine.logits(staged)[0]);
            }
        }
        return outputs;
    }

    private static Network upTo(Placed last, Network network) {
        List<Layer> layers = new ArrayList<>(network.layers().subList(0, last.index() + 1).stream()
                .map(Placed::layer)
                .toList());
        layers.add(new Layer.Flatten());
        return new Network(network.name(), network.input(), layers);
    }
}
