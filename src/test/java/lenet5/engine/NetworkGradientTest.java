package lenet5.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.nn.Activation;
import lenet5.nn.Initializer;
import lenet5.nn.Layer;
import lenet5.nn.Loss;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.nn.Parameters;
import lenet5.nn.Shape;
import lenet5.ops.ReferenceOps;
import org.junit.jupiter.api.Test;

/** Whole networks' gradients against central differences of the mean loss, computed in double. */
class NetworkGradientTest {

    private static final float EPSILON = 1e-6f;
    private static final double ABSOLUTE = 1e-5;
    private static final double RELATIVE = 1e-3;
    private static final int BATCH = 3;

    @Test
    void everyParameterOfASmallNetwork() {
        Network small = new Network(
                "small",
                Shape.of(1, 14, 14),
                List.of(
                        new Layer.Conv5x5(2),
                        new Layer.Tanh(),
                        new Layer.AveragePool2x2(),
                        new Layer.Conv5x5(3),
                        new Layer.Tanh(),
                        new Layer.Flatten(),
                        new Layer.Dense(4),
                        new Layer.Tanh(),
                        new Layer.Dense(3)));
        check(small, IntStream.range(0, small.parameterCount()).toArray());
    }

    @Test
    void everyLearnedParameterWithScaledTanhAndAConstantLogit() {
        Network scaled = new Network(
                "scaled",
                Shape.of(1, 8, 8),
                List.of(
                        new Layer.Conv5x5(2),
                        new Layer.Tanh(new Activation(1.7159f, 2f / 3)),
                        new Layer.Flatten(),
                        new Layer.Dense(4, true),
                        new Layer.Tanh(),
                        new Layer.Dense(3)),
                new Loss(0.5f));
        check(
                scaled,
                scaled.parameters().stream()
                        .filter(parameter -> !parameter.fixed())
                        .flatMapToInt(parameter -> IntStream.range(parameter.offset(), parameter.end()))
                        .toArray());
    }

    @Test
    void aSampleOfEveryLayerOfLenet5() {
        Network lenet5 = Models.lenet5();
        SplittableRandom random = new SplittableRandom(8);
        check(
                lenet5,
                lenet5.parameters().stream()
                        .flatMapToInt(p -> random.ints(10, p.offset(), p.end()))
                        .toArray());
    }

    private static void check(Network network, int[] indices) {
        try (Engine engine =
                new LayeredEngine<>("reference", ReferenceOps.inDouble(), network, new Settings(BATCH, 1))) {
            int height = network.input().extent(1);
            int width = network.input().extent(2);
            byte[] pixels = new byte[BATCH * height * width];
            new SplittableRandom(2).nextBytes(pixels);
            LabeledImages images = new LabeledImages(height, width, pixels, new byte[] {0, 2, 1});
            StagedData data = engine.stage(images, new Normalization(0.4f));
            Parameters parameters = Initializer.glorotUniform(network, 6);
            engine.load(parameters);
            int[] batch = {0, 1, 2};
            float[] gradient = engine.gradient(data, batch).values().values();
            for (int i : indices) {
                float value = parameters.values()[i];
                float above = value + EPSILON;
                float below = value - EPSILON;
                // the step that floats allow, not the one asked for, is what the difference is divided by
                double expected =
                        (lossAt(engine, data, parameters, i, above) - lossAt(engine, data, parameters, i, below))
                                / ((double) above - below);
                parameters.values()[i] = value;
                assertTrue(
                        Math.abs(gradient[i] - expected) <= ABSOLUTE + RELATIVE * Math.abs(expected),
                        network.name() + " parameter " + i + ": " + gradient[i] + ", by differences " + expected);
            }
        }
    }

    private static double lossAt(Engine engine, StagedData data, Parameters parameters, int index, float value) {
        parameters.values()[index] = value;
        engine.load(parameters);
        return engine.evaluate(data).loss();
    }
}
