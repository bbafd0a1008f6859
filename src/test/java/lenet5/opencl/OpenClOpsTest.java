package lenet5.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import lenet5.nn.Activation;
import lenet5.nn.Loss;
import lenet5.nn.Shape;
import lenet5.ops.ElementType;
import lenet5.ops.OpCase;
import lenet5.ops.OpCases;
import lenet5.ops.OpContract;
import lenet5.ops.OpRun;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OpenClOpsTest {

    private static OpenClOps ops;

    @BeforeAll
    static void open() {
        ops = new OpenClOps(TestDevice.open());
    }

    @AfterAll
    static void close() {
        if (ops != null) {
            ops.close();
        }
    }

    @ParameterizedTest
    @MethodSource("lenet5.ops.OpCases#all")
    void agreesWithTheReference(OpCase operation) {
        for (int batch : new int[] {1, 7, 33, 65}) {
            OpContract.check(ops, operation, batch);
        }
    }

    @Test
    void softmaxIsStableForHugeLogits() {
        DeviceBuffer z = ops.allocate(ElementType.FLOAT, Shape.of(2, 3));
        ops.write(z, new float[] {1e4f, -1e4f, 0, -1e4f, 1e4f, 0});
        DeviceBuffer labels = ops.allocate(ElementType.INT, Shape.of(2));
        DeviceBuffer dz = ops.allocate(ElementType.FLOAT, Shape.of(2, 3));
        DeviceBuffer loss = ops.allocate(ElementType.FLOAT, Shape.of(2));
        DeviceBuffer correct = ops.allocate(ElementType.INT, Shape.of(2));
        ops.softmaxCrossEntropy(Loss.SOFTMAX_CROSS_ENTROPY, z, labels, dz, loss, correct)
                .run(2);
        assertArrayEquals(new float[] {0, 0, 0, -0.5f, 0.5f, 0}, ops.readFloats(dz));
        assertArrayEquals(new float[] {0, 2e4f}, ops.readFloats(loss));
        assertArrayEquals(new int[] {1, 0}, ops.readInts(correct));
    }

    /** The rational tanh: a relative error below 4e-7 over its range, at most 1 beyond, NaN for NaN. */
    @Test
    void tanhIsAccurateEverywhere() {
        int count = 1 << 18;
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            double magnitude = Math.pow(2, -30 + 34.0 * i / count);
            x[i] = (float) (i % 2 == 0 ? magnitude : -magnitude);
        }
        x[0] = Float.NaN;
        x[1] = Float.POSITIVE_INFINITY;
        x[2] = Float.NEGATIVE_INFINITY;
        x[3] = 0;
        DeviceBuffer input = ops.allocate(ElementType.FLOAT, Shape.of(1, count));
        DeviceBuffer output = ops.allocate(ElementType.FLOAT, Shape.of(1, count));
        ops.write(input, x);
        ops.tanhForward(Activation.TANH, input, output).run(1);
        float[] y = ops.readFloats(output);
        assertTrue(Float.isNaN(y[0]));
        for (int i = 1; i < count; i++) {
            double expected = Math.tanh(x[i]);
            assertEquals(expected, y[i], 4e-7 * Math.abs(expected), "tanh(" + x[i] + ")");
            assertTrue(Math.abs(y[i]) <= 1, "tanh(" + x[i] + ") is " + y[i]);
        }
    }

    @Test
    void runsAreBitIdentical() {
        for (OpCase operation : OpCases.lenet5()) {
            OpRun first = OpRun.of(ops, operation, 33, 5);
            OpRun second = OpRun.of(ops, operation, 33, 5);
            for (int i = 0; i < first.tensors().size(); i++) {
                assertTrue(
                        Arrays.equals(first.tensors().get(i), second.tensors().get(i)), operation.name());
            }
        }
    }
}
