package lenet5.opencl.fused;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import lenet5.data.Noise;
import lenet5.data.Normalization;
import lenet5.engine.Engine;
import lenet5.engine.Gradient;
import lenet5.engine.LayeredEngine;
import lenet5.engine.Metrics;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Initializer;
import lenet5.nn.Layer;
import lenet5.nn.Network;
import lenet5.nn.Shape;
import lenet5.opencl.Device;
import lenet5.opencl.DeviceContext;
import lenet5.opencl.OpenClException;
import lenet5.opencl.OpenClOps;
import lenet5.opencl.TestDevice;
import lenet5.opencl.fused.plan.GridBarrier;
import lenet5.opencl.fused.plan.Target;
import lenet5.ops.OpCase;
import lenet5.ops.OpCases;
import lenet5.ops.OpContract;

/** Runs every kernel on shapes small enough for an interpreter, and checks what they compute. */
final class KernelSweep {

    /** Every kind of layer; the second convolution's input gradient is needed. */
    private static final Network NETWORK = new Network(
            "small",
            Shape.of(1, 14, 14),
            List.of(
                    new Layer.Conv5x5(2),
                    new Layer.Tanh(),
                    new Layer.AveragePool2x2(),
                    new Layer.Conv5x5(3),
                    new Layer.Tanh(),
                    new Layer.Flatten(),
                    new Layer.Dense(3)));

    private static final int IMAGES = 5;
    /** Local memory of which the network needs more, but not much more. */
    private static final int SPILLING_FLOATS = 256;
    /** Local memory for all that groups want that share an image. */
    private static final int AMPLE_FLOATS = 4096;

    /** After which groups give up that wait in vain. */
    private static final int FEW_LOOKS = 100;

    private static final Settings SETTINGS = new Settings(3, 0.1f);

    private KernelSweep() {}

    /** What to run: {@code operations}, {@code layered}, {@code fused}, one of its variants, or {@code persistent}. */
    public static void main(String[] arguments) {
        Device device = TestDevice.device();
        System.out.println(device);
        switch (arguments[0]) {
            case "operations" -> runOperations(device);
            case "layered" -> runLayered(device);
            case "fused" -> fused(device).values().forEach(variant -> runFused(device, variant));
            case "persistent" -> persistent(device).forEach(variant -> runPersistent(device, variant, 1));
            case "persistent-waits" -> {
                for (Target variant : persistent(device)) {
                    System.out.println(assertThrows(OpenClException.class, () -> runPersistent(device, variant, 2))
                            .getMessage());
                }
            }
            default ->
                runFused(
                        device,
                        Optional.ofNullable(fused(device).get(arguments[0]))
                                .orElseThrow(() -> new IllegalArgumentException(arguments[0])));
        }
        System.out.println("swept");
    }

    private static void runOperations(Device device) {
        try (OpenClOps ops = new OpenClOps(DeviceContext.open(device))) {
            for (OpCase operation : OpCases.odd()) {
                for (int batch : new int[] {1, 3}) {
                    OpContract.checkTight(ops, operation, batch);
                }
            }
        }
    }

    private static void runLayered(Device device) {
        check(new LayeredEngine<>("layered", new OpenClOps(DeviceContext.open(device)), NETWORK, SETTINGS));
    }

    private static Map<String, Target> fused(Device device) {
        return Map.of(
                "images", Variant.images.on(device.facts(), 32),
                "spilling", TestEngines.variant(SPILLING_FLOATS, 7),
                "shares", TestEngines.variant(AMPLE_FLOATS, 7, 3),
                "tiles", TestEngines.tiles(AMPLE_FLOATS, 16),
                "lanes", Variant.lanes.on(device.facts(), 32));
    }

    private static void runFused(Device device, Target variant) {
        check(TestEngines.open(DeviceContext.open(device), NETWORK, SETTINGS, variant));
    }

    private static List<Target> persistent(Device device) {
        return List.of(Variant.lanes.on(device.facts(), 32), TestEngines.variant(AMPLE_FLOATS, 7));
    }

    /** One launch an epoch, by so many groups. */
    private static void runPersistent(Device device, Target variant, int groups) {
        GridBarrier barrier = new GridBarrier(groups, FEW_LOOKS, false);
        check(TestEngines.open(DeviceContext.open(device), NETWORK, SETTINGS, variant, Optional.of(barrier)));
    }

    private static void check(Engine engine) {
        Trained expected = train(LayeredEngine.reference(NETWORK, SETTINGS));
        Trained actual = train(engine);
        assertEquals(expected.gradient.loss(), actual.gradient.loss(), 1e-5);
        assertArrayEquals(
                expected.gradient.values().values(), actual.gradient.values().values(), 1e-5f);
        assertArrayEquals(expected.parameters, actual.parameters, 1e-5f);
        assertEquals(expected.evaluation.loss(), actual.evaluation.loss(), 1e-5);
    }

    private record Trained(Gradient gradient, float[] parameters, Metrics evaluation) {}

    /** A gradient, then an epoch whose last batch is short, then an evaluation. */
    private static Trained train(Engine engine) {
        try (engine) {
            engine.load(Initializer.glorotUniform(NETWORK, 1));
            StagedData data = engine.stage(Noise.images(NETWORK, IMAGES), new Normalization(0.3f));
            Gradient gradient = engine.gradient(data, new int[] {4, 0, 2});
            engine.trainEpoch(data, new int[] {3, 1, 4, 0, 2});
            return new Trained(gradient, engine.parameters().values(), engine.evaluate(data));
        }
    }
}
