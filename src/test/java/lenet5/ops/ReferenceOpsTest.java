package lenet5.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import lenet5.nn.Activation;
import lenet5.nn.Loss;
import lenet5.nn.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReferenceOpsTest {

    private final Ops<HostTensor> ops = ReferenceOps.inFloat();

    @ParameterizedTest
    @MethodSource("lenet5.ops.OpCases#odd")
    void writesItsOutputsAndNothingElse(OpCase operation) {
        for (int batch : new int[] {1, 7}) {
            OpContract.check(ops, operation, batch);
        }
    }

    @Test
    void convolvesByHand() {
        HostTensor x = floats(Shape.of(1, 1, 5, 6), range(30));
        float[] kernel = new float[25];
        kernel[0] = 1;
        kernel[24] = 10;
        HostTensor w = floats(Shape.of(1, 1, 5, 5), kernel);
        HostTensor b = floats(Shape.of(1), new float[] {0.5f});
        HostTensor y = ops.allocate(ElementType.FLOAT, Shape.of(1, 1, 1, 2));
        ops.conv5x5Forward(x, w, b, y).run(1);
        assertArrayEquals(new float[] {0 + 280 + 0.5f, 1 + 290 + 0.5f}, ops.readFloats(y));
    }

    @Test
    void gathersPaddedNormalizedImagesInOrder() {
        HostTensor images = ops.allocate(ElementType.BYTE, Shape.of(3, 1, 2));
        ops.write(images, new byte[] {1, 2, 3, 4, (byte) 255, 6});
        HostTensor labels = ints(7, 8, 9);
        HostTensor batchImages = ops.allocate(ElementType.FLOAT, Shape.of(2, 1, 3, 4));
        HostTensor batchLabels = ints(0, 0);
        ops.gather(images, labels, ints(0, 2, 1), 255, 0.5f, batchImages, batchLabels)
                .run(1, 2);
        float[] first = java.util.Arrays.copyOf(ops.readFloats(batchImages), 12);
        float[] expected = new float[12];
        java.util.Arrays.fill(expected, -0.5f);
        expected[5] = 0.5f;
        expected[6] = 6 / 255f - 0.5f;
        assertArrayEquals(expected, first, 1e-7f);
        assertArrayEquals(new int[] {9, 8}, ops.readInts(batchLabels));
    }

    @Test
    void softmaxIsStableForHugeLogits() {
        HostTensor z = floats(Shape.of(2, 3), new float[] {1e4f, -1e4f, 0, -1e4f, 1e4f, 0});
        HostTensor dz = ops.allocate(ElementType.FLOAT, Shape.of(2, 3));
        HostTensor loss = ops.allocate(ElementType.FLOAT, Shape.of(2));
        HostTensor correct = ints(0, 0);
        ops.softmaxCrossEntropy(Loss.SOFTMAX_CROSS_ENTROPY, z, ints(0, 0), dz, loss, correct)
                .run(2);
        assertArrayEquals(new float[] {0, 0, 0, -0.5f, 0.5f, 0}, ops.readFloats(dz));
        assertArrayEquals(new float[] {0, 2e4f}, ops.readFloats(loss));
        assertArrayEquals(new int[] {1, 0}, ops.readInts(correct));
    }

    @Test
    void lossesAccumulate() {
        HostTensor z = floats(Shape.of(1, 2), new float[] {0, 0});
        HostTensor loss = ops.allocate(ElementType.FLOAT, Shape.of(1));
        HostTensor correct = ints(0);
        Operation operation = ops.softmaxCrossEntropy(
                Loss.SOFTMAX_CROSS_ENTROPY, z, ints(0), ops.allocate(ElementType.FLOAT, z.shape()), loss, correct);
        operation.run(1);
        operation.run(1);
        assertEquals(2 * Math.log(2), ops.readFloats(loss)[0], 1e-6);
        assertEquals(2, ops.readInts(correct)[0]);
    }

    @Test
    void shapesThatDoNotFitAreNamed() {
        HostTensor x = ops.allocate(ElementType.FLOAT, Shape.of(2, 1, 8, 8));
        HostTensor w = ops.allocate(ElementType.FLOAT, Shape.of(3, 1, 5, 5));
        HostTensor b = ops.allocate(ElementType.FLOAT, Shape.of(3));
        HostTensor y = ops.allocate(ElementType.FLOAT, Shape.of(2, 3, 8, 8));
        String message = assertThrows(IllegalArgumentException.class, () -> ops.conv5x5Forward(x, w, b, y))
                .getMessage();
        assertTrue(
                message.contains("conv5x5Forward")
                        && message.contains("output")
                        && message.contains("[2, 3, 8, 8]")
                        && message.contains("[2, 3, 4, 4]"),
                message);
    }

    @Test
    void batchesBeyondTheCapacityAreRefused() {
        HostTensor x = ops.allocate(ElementType.FLOAT, Shape.of(2, 3));
        Operation operation = ops.tanhForward(Activation.TANH, x, x);
        assertThrows(IllegalArgumentException.class, () -> operation.run(3));
        assertThrows(IllegalArgumentException.class, () -> operation.run(0));
    }

    @Test
    void writesOfAnotherLengthAreRefused() {
        HostTensor x = ops.allocate(ElementType.FLOAT, Shape.of(2));
        assertThrows(IllegalArgumentException.class, () -> ops.write(x, new float[3]));
    }

    private HostTensor floats(Shape shape, float[] values) {
        HostTensor tensor = ops.allocate(ElementType.FLOAT, shape);
        ops.write(tensor, values);
        return tensor;
    }

    private HostTensor ints(int... values) {
        HostTensor tensor = ops.allocate(ElementType.INT, Shape.of(values.length));
        ops.write(tensor, values);
        return tensor;
    }

    private static float[] range(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i;
        }
        return values;
    }
}
