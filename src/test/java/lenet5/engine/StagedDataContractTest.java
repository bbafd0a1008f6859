package lenet5.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import lenet5.data.LabeledImages;
import lenet5.data.Noise;
import lenet5.data.Normalization;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.nn.Network;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the staged data of every engine owes: the reference's variants, and refusal of what does not go with it. */
class StagedDataContractTest {

    private static final Normalization NORMALIZATION = new Normalization(0.1f);
    private static final float RATE = 0.05f;

    /** From the images that were staged each time, not from the last variants. */
    @ParameterizedTest
    @MethodSource("lenet5.engine.EngineKind#all")
    void augmentationDrawsTheReferencesVariants(EngineKind kind) {
        Network network = Models.lenet5();
        try (Engine engine = kind.open(network, new Settings(4, RATE));
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
    @MethodSource("lenet5.engine.EngineKind#all")
    void wrongDataAndOrdersAreRefused(EngineKind kind) {
        Network network = Models.lenet5();
        try (Engine engine = kind.open(network, new Settings(2, RATE));
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
    @MethodSource("lenet5.engine.EngineKind#all")
    void closedDataIsRefusedAndTheEngineGoesOn(EngineKind kind) {
        Network network = Models.lenet5();
        int[] batch = {1, 0};
        try (Engine engine = kind.open(network, new Settings(2, RATE));
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
    @MethodSource("lenet5.engine.EngineKind#all")
    void dataMayBeClosedAfterItsEngine(EngineKind kind) {
        Network network = Models.lenet5();
        StagedData data;
        try (Engine engine = kind.open(network, new Settings(2, RATE))) {
            data = engine.stage(Noise.images(network, 3), NORMALIZATION);
            data.augment(1, 1);
        }
        data.close();
    }
}
