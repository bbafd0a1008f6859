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
import lenet5.nn.Network.Stage;
import lenet5.nn.Parameters;

/** What each layer makes of one image. */
final class Activations {

    private static final Settings INFERENCE = new Settings(1, 1);

    private Activations() {}

    /**
     * The output of every stage, in memory order, computed by the reference engine. A stage's output is the answer of the
     * network that ends there.
     *
     * @param image one image
     */
    static List<float[]> of(Parameters parameters, LabeledImages image, Normalization normalization) {
        List<float[]> outputs = new ArrayList<>();
        for (Stage stage : parameters.network().stages()) {
            Network head = upTo(stage, parameters.network());
            float[] learned = Arrays.copyOf(parameters.values(), head.parameterCount());
            try (Engine engine = LayeredEngine.reference(head, INFERENCE);
                    StagedData staged = engine.stage(image, normalization)) {
                engine.load(new Parameters(head, learned));
                outputs.add(engine.logits(staged)[0]);
            }
        }
        return outputs;
    }

    private static Network upTo(Stage last, Network network) {
        List<Layer> layers = new ArrayList<>(network.stages().subList(0, last.index() + 1).stream()
                .map(Stage::layer)
                .toList());
        layers.add(new Layer.Flatten());
        return new Network(network.name(), network.input(), layers);
    }
}
