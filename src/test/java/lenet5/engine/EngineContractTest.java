package lenet5.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lenet5.cpu.CpuEngine;
import lenet5.cpu.CpuEngines;
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
import lenet5.opencl.OpenClOps;
import lenet5.opencl.TestDevice;
import lenet5.opencl.fused.TestEngines;
import lenet5.opencl.fused.Variant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every engine owes: the same parameters, batch and order give the reference's gradient, loss and parameters. */
class EngineContractTest {

    /** Opens one kind of engine. */
    @FunctionalInterface
    interface Factory {
        Engine open(Network network, Settings settings);
    }

    record Kind(String name, Factory factory) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> engines() {
        Stream<Kind> fused = Stream.of(Variant.values())
                .map(variant -> new Kind(
                        "fused OpenCL, " + variant,
                        (network, settings) -> TestEngines.open(network, settings, variant)));
        Stream<Kind> others = Stream.of(
                new Kind("simd", CpuEngine::new),
                new Kind("simd with loops", CpuEngines::withLoops),
                new Kind("reference", LayeredEngine::reference),
                new Kind(
                        "layered OpenCL",
                        (network, settings) ->
                                new LayeredEngine<>("layered", new OpenClOps(TestDevice.open()), network, settings)),
                new Kind("fused OpenCL for GPUs, every optional feature masked off", TestEngines::maskedGpu));
        return Stream.concat(others, fused);
    }

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
    @MethodSource("engines")
    void gradientAndLossAreTheReferences(Kind kind) {
        for (Network network : NETWORKS) {
            for (int batch : new int[] {1, 7, 33}) {
                int[] indices = order(batch, 40, batch);
                Gradient expected = gradient(LayeredEngine::reference, network, batch, indices);
                Gradient actual = gradient(kind.factory, network, batch, indices);
                assertEquals(expected.loss(), actual.loss(), GradientCheck.LOSS_TOLERANCE, network.name());
                assertClose(
                        expected.values(),
                        actual.values(),
                        GradientCheck.GRADIENT_TOLERANCE,
                        network.name() + " batch " + batch);
            }
        }
    }

    private static Gradient gradient(Factory factory, Network network, int batch, int[] indices) {
        try (Engine engine = factory.open(network, new Settings(batch, RATE))) {
            engine.load(Initializer.glorotUniform(network, 3));
            return engine.gradient(engine.stage(Noise.images(network, 40), NORMALIZATION), indices);
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void trainingEndsAtTheReferencesParameters(Kind kind) {
        Network network = Models.lenet5();
        for (int batch : new int[] {1, 8, 32}) {
            Trained expected = train(LayeredEngine::reference, network, batch);
            Trained actual = train(kind.factory, network, batch);
            assertEquals(expected.training.loss(), actual.training.loss(), 1e-4);
            assertEquals(expected.validation.loss(), actual.validation.loss(), 1e-4);
            assertEquals(expected.validation.correct(), actual.validation.correct(), 1);
            assertClose(expected.parameters, actual.parameters, 1e-3, "batch " + batch);
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void fixedParametersStayAndAllOthersMove(Kind kind) {
        Parameters before = Initializer.glorotUniform(SCALED, 3);
        Trained expected = train(LayeredEngine::reference, SCALED, 8);
        Trained actual = train(kind.factory, SCALED, 8);
        assertClose(expected.parameters, actual.parameters, 1e-3, "trained");
        for (Parameter parameter : SCALED.parameters()) {
            boolean stayed = before.view(parameter).equals(actual.parameters.view(parameter));
            assertEquals(parameter.fixed(), stayed, parameter.name());
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void runsAreBitIdentical(Kind kind) {
        Trained first = train(kind.factory, Models.lenet5(), 8);
        Trained second = train(kind.factory, Models.lenet5(), 8);
        assertArrayEquals(first.parameters.values(), second.parameters.values());
        assertEquals(first.training, second.training);
        assertEquals(first.validation, second.validation);
    }

    private record Trained(Parameters parameters, Metrics training, Metrics validation) {}

    /** Two epochs of 45 images, so that the last batch is short for every size but 1. */
    private static Trained train(Factory factory, Network network, int batch) {
        try (Engine engine = factory.open(network, new Settings(batch, RATE))) {
            engine.load(Initializer.glorotUniform(network, 3));
            StagedData data = engine.stage(Noise.images(network, 45), NORMALIZATION);
            engine.trainEpoch(data, order(45, 45, 1));
            Metrics training = engine.trainEpoch(data, order(45, 45, 2));
            return new Trained(engine.parameters(), training, engine.evaluate(data));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void parametersGoInAndOutUnchanged(Kind kind) {
        Network network = Models.lenet5();
        try (Engine engine = kind.factory.open(network, new Settings(2, RATE))) {
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
    @MethodSource("engines")
    void logitsAndMetricsAreInTheDatasOrderWhateverWasTrained(Kind kind) {
        Network network = Models.lenet5();
        LabeledImages images = Noise.images(network, 300);
        try (Engine engine = kind.factory.open(network, new Settings(16, RATE))) {
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

    /** From the images that were staged each time, not from the last variants. */
    @ParameterizedTest
    @MethodSource("engines")
    void augmentationDrawsTheReferencesVariants(Kind kind) {
        Network network = Models.lenet5();
        try (Engine engine = kind.factory.open(network, new Settings(4, RATE));
                Engine reference = LayeredEngine.reference(network, new Settings(4, RATE))) {
            float[][] plain = logits(engine, network);
            float[][] first = logits(engine, network, 1);
            assertLogits(plain, logits(reference, network));
            assertLogits(first, logits(reference, network, 1));
            assertLogits(first, logits(engine, network, 2, 1));
            assertThrows(AssertionError.class, () -> assertLogits(plain, first));
            assertThrows(AssertionError.class, () -> assertLogits(first, logits(engine, network, 2)));
        }
    }

    private static float[][] logits(Engine engine, Network network, int... epochs) {
        engine.load(Initializer.glorotUniform(network, 6));
        StagedData data = engine.stage(Noise.images(network, 20), NORMALIZATION);
        for (int epoch : epochs) {
            data.augment(5, epoch);
        }
        return engine.logits(data);
    }

    private static void assertLogits(float[][] expected, float[][] actual) {
        for (int n = 0; n < expected.length; n++) {
            assertArrayEquals(expected[n], actual[n], 1e-4f);
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void wrongDataAndOrdersAreRefused(Kind kind) {
        Network network = Models.lenet5();
        try (Engine engine = kind.factory.open(network, new Settings(2, RATE));
                Engine other = LayeredEngine.reference(network, new Settings(2, RATE))) {
            StagedData data = engine.stage(Noise.images(network, 3), NORMALIZATION);
            StagedData foreign = other.stage(Noise.images(network, 3), NORMALIZATION);
            assertThrows(IllegalArgumentException.class, () -> engine.evaluate(foreign));
            assertThrows(IllegalArgumentException.class, () -> engine.trainEpoch(data, new int[] {3}));
            assertThrows(IllegalArgumentException.class, () -> engine.trainEpoch(data, new int[] {-1}));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> engine.stage(new LabeledImages(9, 40, new byte[360], new byte[1]), NORMALIZATION));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void closedDataIsRefusedAndTheEngineGoesOn(Kind kind) {
        Network network = Models.lenet5();
        int[] batch = {1, 0};
        try (Engine engine = kind.factory.open(network, new Settings(2, RATE));
                StagedData other = engine.stage(Noise.images(network, 3), NORMALIZATION)) {
            engine.load(Initializer.glorotUniform(network, 8));
            float[][] expected = engine.logits(other);
            StagedData data = engine.stage(Noise.images(network, 3), NORMALIZATION);
            data.augment(1, 1);
            engine.gradient(data, batch);
            data.close();
            data.close();
            for (Executable use : List.<Executable>of(
                    () -> engine.trainEpoch(data, batch),
                    () -> engine.gradient(data, batch),
                    () -> engine.evaluate(data),
                    () -> engine.logits(data),
                    () -> data.augment(1, 2))) {
                String message = assertThrows(IllegalStateException.class, use).getMessage();
                assertEquals("the staged data of 3 images is closed", message);
            }
            assertArrayEquals(expected, engine.logits(other));
        }
    }

    @ParameterizedTest
    @MethodSource("engines")
    void dataMayBeClosedAfterItsEngine(Kind kind) {
        Network network = Models.lenet5();
        StagedData data;
        try (Engine engine = kind.factory.open(network, new Settings(2, RATE))) {
            data = engine.stage(Noise.images(network, 3), NORMALIZATION);
            data.augment(1, 1);
        }
        data.close();
    }

    @ParameterizedTest
    @MethodSource("engines")
    void theSelfTestPasses(Kind kind) {
        Settings settings = new Settings(32, RATE);
        try (Engine engine = kind.factory.open(Models.lenet5(), settings)) {
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
