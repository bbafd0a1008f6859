package lenet5.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import lenet5.cpu.CpuEngine;
import lenet5.data.LabeledImages;
import lenet5.data.Mnist;
import lenet5.data.Normalization;
import lenet5.data.synthetic.SyntheticDigits;
import lenet5.engine.Engine;
import lenet5.engine.Settings;
import lenet5.engine.Softmax;
import lenet5.engine.StagedData;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.nn.Network;
import org.junit.jupiter.api.Test;

class ClassifierTest {

    private static final Network NETWORK = Models.lenet5();
    private static final Normalization NORMALIZATION = new Normalization(0.3f);

    /** One by one and all together, as often as one likes, and the engine stays open. */
    @Test
    void probabilitiesAreTheEnginesLogitsMade() {
        Model model = new Model(Initializer.glorotUniform(NETWORK, 5), NORMALIZATION, 5, 1);
        LabeledImages images = SyntheticDigits.splits(1, 1, 1, 20).test();
        int size = Mnist.SIZE * Mnist.SIZE;
        try (Engine engine = new CpuEngine(NETWORK, new Settings(1, 1))) {
            Classifier classifier = new Classifier(model, engine);
            for (int run = 0; run < 2; run++) {
                List<double[]> all = classifier.probabilities(images);
                assertEquals(images.count(), all.size());
                for (int n = 0; n < images.count(); n++) {
                    byte[] pixels = Arrays.copyOfRange(images.pixels(), n * size, (n + 1) * size);
                    assertArrayEquals(all.get(n), classifier.probabilities(pixels));
                    assertEquals(1, Arrays.stream(all.get(n)).sum(), 1e-9);
                }
            }
            try (StagedData staged = engine.stage(images, NORMALIZATION)) {
                assertArrayEquals(
                        Softmax.of(engine.logits(staged)[3]),
                        classifier.probabilities(images).get(3));
            }
            assertThrows(IllegalArgumentException.class, () -> classifier.probabilities(new byte[size + 1]));
        }
    }
}
