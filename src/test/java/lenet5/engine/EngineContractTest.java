package lenet5.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import lenet5.data.LabeledImages;
import lenet5.data.Noise;
import lenet5.data.Normalization;
import lenet5.nn.Activation;
import lenet5.nn.Initializer;
import lenet5.nn.Layer;
import lenet5.nn.Loss;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.nn.Parameter;
import lenet5.nn.Parameters;
import lenet5.nn.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every engine owes: the same parameters, batch and order give the reference's gradient, loss and parameters. */
class EngineContractTest {

    private static final Normalization NORMALIZATION = new Normalization(0.1f);
    private static final float RATE = 0.05f;

    /** What lenet5 has not: a scaled tanh, a layer that does not learn, and a constant logit. */
    private static final Network SCALED = new Network(
            "scaled",
            Shape.of(1, 16, 20),
            List.of(
                    new Layer.Conv5x5(4),
                    new Layer.Tanh(new Activation(1.7159f, 2f / 3)),
                    new Layer.AveragePool2x2(),
                    new Layer.Conv5x5(6),
                    new Layer.Tanh(new Activation(0.8f, 1.5f)),
                    new Layer.Flatten(),
                    new Layer.Dense(9),
                    new Layer.Tanh(new Activation(1.7159f, 2f / 3)),
                    new Layer.Dense(8, true),
                    new Layer.Tanh(),
                    new Layer.Dense(5)),
            new Loss(1.5f));

    /** LeNet-5, a network that begins without parameters, one of dense layers only, and {@link #SCALED}. */
    private static final List<Network> NETWORKS = List.of(
            Models.lenet5(),
            new Network(
                    "pooled",
                    Shape.of(1, 20, 16),
                    List.of(
                            new Layer.AveragePool2x2(),
                            new Layer.Tanh(),
                            new Layer.Conv5x5(3),
                            new Layer.Tanh(),
                            new Layer.Flatten(),
                            new Layer.Dense(7))),
            new Network(
                    "dense",
                    Shape.of(1, 6, 6),
                    List.of(new Layer.Flatten(), new Layer.Dense(5), new Layer.Tanh(), new Layer.Dense(3))),
            SCALED);

    @ParameterizedTest
    @MethodSource("lenet5.engine.EngineKind#all")
    void gradientAndLossAreTheReferences(EngineKind kind) {
        for (Network network : NETWORKS) {
            for (int batch : new int[] {1, 7, 33}) {
                int[] indices = order(batch, 40, batch);
                Gradient expected = gradient(LayeredEngine::reference, network, batch, indices);
                Gradient actual = gradient(kind.factory(), network, batch, indices);
                assertEquals(expected.loss(), actual.loss(), GradientCheck.LOSS_TOLERANCE, network.name());
                assertClose(
                        expected.values(),
                        actual.values(),
                        GradientCheck.GRADIENT_TOLERANCE,
                        network.name() + " batch " + batch);
            }
        }
    }

    private static Gradient gradient(EngineKind.Factory factory, Network network, int batch, int[] indices) {
        try (Engine engine = factory.open(network, new Settings(batch, RATE))) {
            engine.load(Initializer.glorotUniform(network, 3));
            return engine.gradient(engine.stage(Noise.images(network, 40), NORMALIZATION), indices);
        }
    }

    @ParameterizedTest
    @MethodSource("lenet5.engine.EngineKind#all")
    void trainingEndsAtTheReferencesParameters(EngineKind kind) {
        Network network = Models.lenet5();
        for (int batch : new int[] {1, 8, 32}) {
            Trained expected = train(LayeredEngine::reference, network, batch);
            Trained actual = train(kind.factory(), network, batch);
            assertEquals(expected.training.loss(), actual.training.loss(), 1e-4);
            assertEquals(expected.validation.loss(), actual.validation.loss(), 1e-4);
            assertEquals(expected.validation.correct(), actual.validation.correct(), 1);
            assertClose(expected.parameters, actual.parameters, 1e-3, "batch " + batch);
        }
    }

    @ParameterizedTest
    @MethodSource("lenet5.engine.EngineKind#all")
    void fixedParametersStayAndAllOthersMove(EngineKind kind) {
        Parameters before = Initializer.glorotUniform(SCALED, 3);
        Trained expected = train(LayeredEngine::reference, SCALED, 8);
        Trained actual = train(kind.factory(), SCALED, 8);
        assertClose(expected.parameters, actual.parameters, 1e-3, "trained");
        for (Parameter parameter : SCALED.parameters()) {
            boolean stayed = before.view(parameter).equals(actual.parameters.view(parameter));
            assertEquals(parameter.fixed(), stayed, parameter.name());
        }
    }

    @ParameterizedTest
    @MethodSource("lenet5.engine.EngineKind#all")
    void runsAreBitIdentical(EngineKind kind) {
        Trained first = train(kind.factory(), Models.lenet5(), 8);
        Trained second = train(kind.factory(), Models.lenet5(), 8);
        assertArrayEquals(first.parameters.values(), second.parameters.values());
        assertEquals(first.training, second.training);
        assertEquals(first.validation, second.validation);
    }

    private record Trained(Parameters parameters, Metrics training, Metrics validation) {}

    /** Two epochs of 45 images, so that the last batch is short for every size but 1. */
    private static Trained train(EngineKind.Factory factory, Network network, int batch) {
        try (Engine engine = factory.open(network, new Settings(batch, RATE))) {
            engine.load(Initializer.glorotUniform(network, 3));
            StagedData data = engine.stage(Noise.images(network, 45), NORMALIZATION);
            engine.trainEpoch(data, order(45, 45, 1));
            Metrics training = engine.trainEpoch(data, order(45, 45, 2));
            return new Trained(engine.parameters(), training, engine.evaluate(data));
        }
    }

    @ParameterizedTest
    @MethodSource("lenet5.engine.EngineKind#all")
    void parametersGoInAndOutUnchanged(EngineKind kind) {
        Network network = Models.lenet5();
        try (Engine engine = kind.open(network, new Settings(2, RATE))) {
            Parameters parameters = Initializer.glorotUniform(network, 9);
            engine.load(parameters);
            assertArrayEquals(parameters.values(), engine.parameters().values());
            StagedData data = engine.stage(Noise.images(network, 5), NORMALIZATION);
            engine.gradient(data, new int[] {4, 2});
            engine.evaluate(data);
            assertArrayEquals(parameters.values(), engine.parameters().values(), "only training changes them");
        }
    }

    @ParameterizedTest
    @MethodSource("lenet5.engine.EngineKind#all")
    void logitsAndMetricsAreInTheDatasOrderWhateverWasTrained(EngineKind kind) {
        Network network = Models.lenet5();
        LabeledImages images = Noise.images(network, 300);
        try (Engine engine = kind.open(network, new Settings(16, RATE))) {
            engine.load(Initializer.glorotUniform(network, 4));
            StagedData data = engine.stage(images, NORMALIZATION);
            engine.trainEpoch(data, order(32, 300, 1));
            float[][] logits = engine.logits(data);
            Metrics metrics = engine.evaluate(data);
            double loss = 0;
            int correct = 0;
            for (int n = 0; n < images.count(); n++) {
                double[] probabilities = Softmax.of(logits[n]);
                int label = images.labels()[n];
                loss -= Math.log(probabilities[label]);
                correct +=
                        IntStream.range(0, probabilities.length).allMatch(k -> probabilities[k] <= probabilities[label])
                                ? 1
                                : 0;
            }
            assertEquals(300, logits.length);
            assertEquals(loss / 300, metrics.loss(), 1e-4);
            assertEquals(correct, metrics.correct());
        }
    }

    @ParameterizedTest
    @MethodSource("lenet5.engine.EngineKind#all")
    void theSelfTestPasses(EngineKind kind) {
        Settings settings = new Settings(32, RATE);
        try (Engine engine = kind.open(Models.lenet5(), settings)) {
            SelfTest.run(engine, Models.lenet5(), settings);
        }
    }

    @Test
    void theSelfTestFindsAnEngineWithAnotherNetworksResults() {
        Network network = Models.lenet5();
        Settings settings = new Settings(32, RATE);
        try (Engine broken = new BrokenEngine(LayeredEngine.reference(network, settings))) {
            String message = assertThrows(IllegalStateException.class, () -> SelfTest.run(broken, network, settings))
                    .getMessage();
            assertTrue(message.contains("wrong results"), message);
        }
    }

    private static void assertClose(Parameters expected, Parameters actual, double tolerance, String what) {
        double largest = 0;
        for (float value : expected.values()) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertArrayEquals(expected.values(), actual.values(), (float) (tolerance * largest), what);
    }

    private static int[] order(int length, int count, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return IntStream.generate(() -> random.nextInt(count)).limit(length).toArray();
    }
}
