package lenet5.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import lenet5.nn.Activation;
import lenet5.nn.Loss;
import lenet5.nn.Shape;
import org.junit.jupiter.api.Test;

/**
 * Every backward operation of the reference against central differences of its forward operation, in double: the
 * derivative of {@code sum c y} for random c, by every element of every input.
 */
class ReferenceGradientTest {

    private static final double EPSILON = 1e-6;
    private static final double ABSOLUTE = 1e-5;
    private static final double RELATIVE = 1e-3;
    private static final int BATCH = 3;

    private final Ops<HostTensor> ops = ReferenceOps.inDouble();
    private final SplittableRandom random = new SplittableRandom(1);

    @Test
    void conv5x5() {
        HostTensor x = noise(BATCH, 2, 7, 9);
        HostTensor w = noise(3, 2, 5, 5);
        HostTensor b = noise(3);
        HostTensor y = noise(BATCH, 3, 3, 5);
        HostTensor dy = noise(BATCH, 3, 3, 5);
        Operation forward = ops.conv5x5Forward(x, w, b, y);
        HostTensor dx = poison(x);
        ops.conv5x5BackwardInput(dy, w, dx).run(BATCH);
        check("dx", forward, x, y, dy, dx);
        HostTensor dw = poison(w);
        HostTensor db = poison(b);
        ops.conv5x5BackwardWeights(x, dy, dw, db).run(BATCH);
        check("dw", forward, w, y, dy, dw);
        check("db", forward, b, y, dy, db);
    }

    @Test
    void averagePool2x2() {
        HostTensor x = noise(BATCH, 2, 4, 6);
        HostTensor y = noise(BATCH, 2, 2, 3);
        HostTensor dy = noise(BATCH, 2, 2, 3);
        HostTensor dx = poison(x);
        ops.averagePool2x2Backward(dy, dx).run(BATCH);
        check("dx", ops.averagePool2x2Forward(x, y), x, y, dy, dx);
    }

    @Test
    void tanh() {
        tanh(Activation.TANH);
        tanh(new Activation(1.7159f, 2f / 3));
    }

    private void tanh(Activation activation) {
        HostTensor x = noise(BATCH, 11);
        HostTensor y = noise(BATCH, 11);
        HostTensor dy = noise(BATCH, 11);
        HostTensor dx = poison(x);
        Operation forward = ops.tanhForward(activation, x, y);
        forward.run(BATCH);
        ops.tanhBackward(activation, y, dy, dx).run(BATCH);
        check("dx", forward, x, y, dy, dx);
    }

    @Test
    void dense() {
        HostTensor x = noise(BATCH, 7);
        HostTensor w = noise(5, 7);
        HostTensor b = noise(5);
        HostTensor y = noise(BATCH, 5);
        HostTensor dy = noise(BATCH, 5);
        Operation forward = ops.denseForward(x, w, b, y);
        HostTensor dx = poison(x);
        ops.denseBackwardInput(dy, w, dx).run(BATCH);
        check("dx", forward, x, y, dy, dx);
        HostTensor dw = poison(w);
        HostTensor db = poison(b);
        ops.denseBackwardWeights(x, dy, dw, db).run(BATCH);
        check("dw", forward, w, y, dy, dw);
        check("db", forward, b, y, dy, db);
    }

    @Test
    void softmaxCrossEntropyIsTheGradientOfTheMeanLoss() {
        softmaxCrossEntropy(Loss.SOFTMAX_CROSS_ENTROPY);
        softmaxCrossEntropy(new Loss(0.7f));
    }

    private void softmaxCrossEntropy(Loss definition) {
        HostTensor z = noise(BATCH, 4);
        HostTensor labels = ops.allocate(ElementType.INT, Shape.of(BATCH));
        ops.write(labels, new int[] {3, 0, 2});
        HostTensor dz = poison(z);
        HostTensor loss = ops.allocate(ElementType.FLOAT, Shape.of(BATCH));
        HostTensor correct = ops.allocate(ElementType.INT, Shape.of(BATCH));
        HostTensor scratch = poison(z);
        HostTensor mean = ops.allocate(ElementType.FLOAT, Shape.of(BATCH));
        for (int n = 0; n < BATCH; n++) {
            mean.set(n, 1.0 / BATCH);
        }
        ops.softmaxCrossEntropy(definition, z, labels, dz, loss, correct).run(BATCH);
        Operation accumulating = ops.softmaxCrossEntropy(definition, z, labels, scratch, loss, correct);
        Operation forward = batch -> {
            ops.clear(loss);
            accumulating.run(batch);
        };
        check("dz", forward, z, loss, mean, dz);
    }

    @Test
    void sgdStepsAgainstTheGradient() {
        HostTensor p = noise(5);
        HostTensor g = noise(5);
        double[] before = values(p);
        ops.sgdUpdate(p, g, 0.5f).run(1);
        for (int i = 0; i < before.length; i++) {
            assertEquals(before[i] - 0.5 * g.get(i), p.get(i), 1e-15);
        }
    }

    private void check(
            String name, Operation forward, HostTensor by, HostTensor y, HostTensor dy, HostTensor gradient) {
        for (int i = 0; i < by.shape().size(); i++) {
            double value = by.get(i);
            by.set(i, value + EPSILON);
            double above = weightedSum(forward, y, dy);
            by.set(i, value - EPSILON);
            double below = weightedSum(forward, y, dy);
            by.set(i, value);
            double expected = (above - below) / (2 * EPSILON);
            double error = Math.abs(gradient.get(i) - expected);
            assertTrue(
                    error <= ABSOLUTE + RELATIVE * Math.abs(expected),
                    name + "[" + i + "] is " + gradient.get(i) + ", by differences " + expected);
        }
    }

    private static double weightedSum(Operation forward, HostTensor y, HostTensor weights) {
        forward.run(BATCH);
        double sum = 0;
        for (int i = 0; i < y.shape().size(); i++) {
            sum += weights.get(i) * y.get(i);
        }
        return sum;
    }

    private HostTensor noise(int... shape) {
        HostTensor tensor = ops.allocate(ElementType.FLOAT, Shape.of(shape));
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, random.nextDouble(-1, 1));
        }
        return tensor;
    }

    private HostTensor poison(HostTensor like) {
        HostTensor tensor = ops.allocate(ElementType.FLOAT, like.shape());
        for (int i = 0; i < tensor.shape().size(); i++) {
            tensor.set(i, Double.NaN);
        }
        return tensor;
    }

    private static double[] values(HostTensor tensor) {
        double[] values = new double[tensor.shape().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.get(i);
        }
        return values;
    }
}
