package lenet5.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.engine.Engine;
import lenet5.engine.Gradient;
import lenet5.engine.LayeredEngine;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Initializer;
import lenet5.nn.Layer;
import lenet5.nn.Network;
import lenet5.nn.Shape;
import lenet5.ops.OpCase;
import lenet5.ops.OpContract;
import lenet5.ops.Ops;
import lenet5.ops.ReferenceOps;

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
    private static final Settings SETTINGS = new Settings(3, 0.1f);

    private KernelSweep() {}

    /** What to run: {@code operations} or {@code engine}. */
    public static void main(String[] arguments) {
        Device device = TestDevice.device();
        System.out.println(device);
        switch (arguments[0]) {
            case "operations" -> runOperations(device);
            case "engine" -> runEngine(device);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println("swept");
    }

    private static void runOperations(Device device) {
        try (OpenClOps ops = new OpenClOps(DeviceContext.open(device))) {
            for (OpCase operation : OpCase.odd()) {
                for (int batch : new int[] {1, 3}) {
                    OpContract.checkTight(ops, operation, batch);
                }
            }
        }
    }

    private static void runEngine(Device device) {
        Trained expected = train(ReferenceOps.inFloat());
        Trained actual = train(new OpenClOps(DeviceContext.open(device)));
        assertEquals(expected.gradient.loss(), actual.gradient.loss(), 1e-5);
        assertArrayEquals(
                expected.gradient.values().values(), actual.gradient.values().values(), 1e-5f);
        assertArrayEquals(expected.parameters, actual.parameters, 1e-5f);
    }

    private record Trained(Gradient gradient, float[] parameters) {}

    /** A gradient, then an epoch whose last batch is short. */
    private static Trained train(Ops<?> ops) {
        try (Engine engine = new LayeredEngine<>("swept", ops, NETWORK, SETTINGS)) {
            engine.load(Initializer.glorotUniform(NETWORK, 1));
            byte[] pixels = new byte[IMAGES * 10 * 10];
            new SplittableRandom(1).nextBytes(pixels);
            LabeledImages images = new LabeledImages(10, 10, pixels, new byte[] {0, 2, 1, 1, 0});
            StagedData data = engine.stage(images, new Normalization(0.3f));
            Gradient gradient = engine.gradient(data, new int[] {4, 0, 2});
            engine.trainEpoch(data, new int[] {3, 1, 4, 0, 2});
            return new Trained(gradient, engine.parameters().values());
        }
    }
}
