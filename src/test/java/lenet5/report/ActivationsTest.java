package lenet5.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.data.synthetic.SyntheticDigits;
import lenet5.engine.Engine;
import lenet5.engine.LayeredEngine;
import lenet5.engine.Settings;
import lenet5.nn.Initializer;
import lenet5.nn.Layer;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.nn.Network.Placed;
import lenet5.nn.Parameters;
import org.junit.jupiter.api.Test;

class ActivationsTest {

    private final Network network = Models.lenet5();
    private final Parameters parameters = Initializer.glorotUniform(network, 3);
    private final LabeledImages image = SyntheticDigits.splits(3, 1, 1, 1).test();
    private final Normalization normalization = new Normalization(0.1f);
    private final List<float[]> outputs = Activations.of(parameters, image, normalization);

    @Test
    void everyStageHasItsOutput() {
        assertEquals(network.layers().size(), outputs.size());
        for (Placed placed : network.layers()) {
            assertEquals(placed.output().size(), outputs.get(placed.index()).length, placed::label);
        }
    }

    @Test
    void eachIsWhatTheLayerMakesOfTheOneBefore() {
        for (Placed placed : network.layers()) {
            if (placed.layer() instanceof Layer.Tanh) {
                float[] input = outputs.get(placed.index() - 1);
                float[] output = outputs.get(placed.index());
                for (int i = 0; i < output.length; i++) {
                    assertEquals(Math.tanh(input[i]), output[i], 1e-6);
                }
            } else if (placed.layer() instanceof Layer.Flatten) {
                assertArrayEquals(outputs.get(placed.index() - 1), outputs.get(placed.index()));
            }
        }
    }

    @Test
    void theLastIsTheNetworksAnswer() {
        try (Engine engine = LayeredEngine.reference(network, new Settings(1, 1))) {
            engine.load(parameters);
            float[] logits = engine.logits(engine.stage(image, normalization))[0];
            assertArrayEquals(logits, outputs.get(outputs.size() - 1));
        }
    }
}
