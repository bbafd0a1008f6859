package lenet5.ops;

import static lenet5.ops.OpCase.CLASSES;
import static lenet5.ops.OpCase.Operand.fixed;
import static lenet5.ops.OpCase.Operand.input;
import static lenet5.ops.OpCase.Operand.output;
import static lenet5.ops.OpCase.Operand.sum;
import static lenet5.ops.OpCase.toleranceOfSum;

import java.util.ArrayList;
import java.util.List;
import lenet5.nn.Activation;
import lenet5.nn.Loss;
import lenet5.nn.Shape;
import lenet5.ops.OpCase.Operand;
import lenet5.ops.OpCase.Role;

/** The cases: every operation on certain shapes. */
public final class OpCases {

    private static final int PADDING = 2;
    /** Where in its order a gathered batch begins. */
    private static final int FIRST = 2;

    private static final int LONGEST_ORDER = FIRST + 1024 + OpRun.SPARE;

    private OpCases() {}

    /** Every operation on LeNet-5's shapes and on odd ones. */
    public static List<OpCase> all() {
        List<OpCase> cases = new ArrayList<>();
        cases.addAll(lenet5());
        cases.addAll(odd());
        cases.add(augment(28, 28));
        return cases;
    }

    /** Every operation on the shapes of LeNet-5. */
    public static List<OpCase> lenet5() {
        List<OpCase> cases = new ArrayList<>();
        cases.addAll(convolution(1, 32, 32, 6));
        cases.addAll(convolution(6, 14, 14, 16));
        cases.addAll(pooling(6, 14, 14));
        cases.addAll(pooling(16, 5, 5));
        cases.addAll(tanh(Activation.TANH, Shape.of(6, 28, 28)));
        cases.addAll(tanh(Activation.TANH, Shape.of(84)));
        cases.addAll(dense(400, 120));
        cases.addAll(dense(120, 84));
        cases.addAll(dense(84, 10));
        cases.add(loss(Loss.SOFTMAX_CROSS_ENTROPY, 10));
        cases.add(gather(28, 28));
        cases.add(update(61_706));
        return cases;
    }

    /** Every operation on shapes that divide by nothing: small enough for an interpreter of kernels. */
    public static List<OpCase> odd() {
        List<OpCase> cases = new ArrayList<>();
        cases.addAll(convolution(2, 7, 11, 3));
        cases.addAll(convolution(3, 5, 5, 11));
        cases.addAll(pooling(3, 1, 7));
        cases.addAll(tanh(Activation.TANH, Shape.of(13)));
        cases.addAll(tanh(new Activation(1.7159f, 2f / 3), Shape.of(13)));
        cases.addAll(dense(19, 37));
        cases.addAll(dense(1, 1));
        cases.add(loss(Loss.SOFTMAX_CROSS_ENTROPY, 3));
        cases.add(loss(new Loss(0.7f), 3));
        cases.add(gather(5, 3));
        cases.add(augment(11, 18));
        cases.add(update(101));
        return cases;
    }

    private static List<OpCase> convolution(int in, int height, int width, int out) {
        String shape = " " + in + "@" + height + "x" + width + " -> " + out;
        ConvGeometry g = new ConvGeometry(1, in, height, width, out);
        Shape x = Shape.of(in, height, width);
        Shape w = Shape.of(out, in, 5, 5);
        Shape y = Shape.of(out, height - 4, width - 4);
        return List.of(
                new OpCase(
                        "conv5x5Forward" + shape,
                        List.of(
                                input("input", x),
                                fixed("weights", w),
                                fixed("bias", Shape.of(out)),
                                output("output", y)),
                        OpCases::conv5x5Forward,
                        g::work,
                        toleranceOfSum(in * 25)),
                new OpCase(
                        "conv5x5BackwardInput" + shape,
                        List.of(input("outputGradient", y), fixed("weights", w), output("inputGradient", x)),
                        OpCases::conv5x5BackwardInput,
                        g::work,
                        toleranceOfSum(out * 25)),
                new OpCase(
                        "conv5x5BackwardWeights" + shape,
                        List.of(
                                input("input", x),
                                input("outputGradient", y),
                                sum("weightsGradient", w),
                                sum("biasGradient", Shape.of(out))),
                        OpCases::conv5x5BackwardWeights,
                        g::work,
                        toleranceOfSum(65 * y.size() / out)));
    }

    private static List<OpCase> pooling(int maps, int height, int width) {
        PoolGeometry g = new PoolGeometry(1, maps, height, width);
        Shape y = Shape.of(maps, height, width);
        Shape x = Shape.of(maps, 2 * height, 2 * width);
        return List.of(
                new OpCase(
                        "averagePool2x2Forward " + x,
                        List.of(input("input", x), output("output", y)),
                        OpCases::averagePool2x2Forward,
                        g::work,
                        toleranceOfSum(4)),
                new OpCase(
                        "averagePool2x2Backward " + x,
                        List.of(input("outputGradient", y), output("inputGradient", x)),
                        OpCases::averagePool2x2Backward,
                        g::work,
                        0));
    }

    private static List<OpCase> tanh(Activation activation, Shape shape) {
        HostTensor image = new HostTensor.Floats(new float[shape.size()], shape.batchOf(1), 0);
        String what = shape + (activation.equals(Activation.TANH) ? "" : ", " + activation);
        OpCase.Binding forward = new OpCase.Binding() {
            @Override
            public <T extends Tensor> Operation bind(Ops<T> ops, List<T> t) {
                return ops.tanhForward(activation, t.get(0), t.get(1));
            }
        };
        OpCase.Binding backward = new OpCase.Binding() {
            @Override
            public <T extends Tensor> Operation bind(Ops<T> ops, List<T> t) {
                return ops.tanhBackward(activation, t.get(0), t.get(1), t.get(2));
            }
        };
        return List.of(
                new OpCase(
                        "tanhForward " + what,
                        List.of(input("input", shape), output("output", shape)),
                        forward,
                        batch -> Work.tanhForward(image).times(batch),
                        toleranceOfSum(1)),
                new OpCase(
                        "tanhBackward " + what,
                        List.of(input("output", shape), input("outputGradient", shape), output("inputGradient", shape)),
                        backward,
                        batch -> Work.tanhBackward(image).times(batch),
                        toleranceOfSum(1)));
    }

    private static List<OpCase> dense(int inputs, int outputs) {
        String shape = " " + inputs + " -> " + outputs;
        DenseGeometry g = new DenseGeometry(1, inputs, outputs);
        Shape x = Shape.of(inputs);
        Shape w = Shape.of(outputs, inputs);
        Shape y = Shape.of(outputs);
        return List.of(
                new OpCase(
                        "denseForward" + shape,
                        List.of(input("input", x), fixed("weights", w), fixed("bias", y), output("output", y)),
                        OpCases::denseForward,
                        g::work,
                        toleranceOfSum(inputs)),
                new OpCase(
                        "denseBackwardInput" + shape,
                        List.of(input("outputGradient", y), fixed("weights", w), output("inputGradient", x)),
                        OpCases::denseBackwardInput,
                        g::work,
                        toleranceOfSum(outputs)),
                new OpCase(
                        "denseBackwardWeights" + shape,
                        List.of(
                                input("input", x),
                                input("outputGradient", y),
                                sum("weightsGradient", w),
                                sum("biasGradient", y)),
                        OpCases::denseBackwardWeights,
                        g::work,
                        toleranceOfSum(65)));
    }

    private static OpCase loss(Loss definition, int classes) {
        Shape z = Shape.of(classes);
        Shape one = new Shape(List.of());
        return new OpCase(
                "softmaxCrossEntropy " + classes + (definition.hasConstant() ? " and a constant" : ""),
                List.of(
                        input("logits", z),
                        new Operand("labels", Role.LABELS, ElementType.INT, true, one),
                        output("gradient", z),
                        new Operand("loss", Role.UPDATED, ElementType.FLOAT, true, one),
                        new Operand("correct", Role.UPDATED, ElementType.INT, true, one)),
                new OpCase.Binding() {
                    @Override
                    public <T extends Tensor> Operation bind(Ops<T> ops, List<T> t) {
                        return ops.softmaxCrossEntropy(definition, t.get(0), t.get(1), t.get(2), t.get(3), t.get(4));
                    }
                },
                new LossGeometry(1, classes)::work,
                toleranceOfSum(classes));
    }

    private static OpCase gather(int height, int width) {
        return new OpCase(
                "gather " + height + "x" + width,
                List.of(
                        new Operand("images", Role.INPUT, ElementType.BYTE, false, Shape.of(CLASSES, height, width)),
                        new Operand("labels", Role.LABELS, ElementType.INT, false, Shape.of(CLASSES)),
                        new Operand("order", Role.LABELS, ElementType.INT, false, Shape.of(LONGEST_ORDER)),
                        output("batchImages", Shape.of(1, height + 2 * PADDING, width + 2 * PADDING)),
                        new Operand("batchLabels", Role.OUTPUT, ElementType.INT, true, new Shape(List.of()))),
                OpCases::gather,
                new GatherGeometry(1, height, width, PADDING)::work,
                toleranceOfSum(1));
    }

    /** Drawn, then gathered with the bytes as they are: the only way that bytes are read back. */
    private static OpCase augment(int height, int width) {
        return new OpCase(
                "augment " + height + "x" + width,
                List.of(
                        new Operand("images", Role.INPUT, ElementType.BYTE, false, Shape.of(CLASSES, height, width)),
                        new Operand("augmented", Role.INPUT, ElementType.BYTE, false, Shape.of(CLASSES, height, width)),
                        new Operand("labels", Role.LABELS, ElementType.INT, false, Shape.of(CLASSES)),
                        new Operand("order", Role.LABELS, ElementType.INT, false, Shape.of(LONGEST_ORDER)),
                        output("batchImages", Shape.of(1, height, width)),
                        new Operand("batchLabels", Role.OUTPUT, ElementType.INT, true, new Shape(List.of()))),
                OpCases::augment,
                new Augmentation(height, width)::work,
                0);
    }

    private static OpCase update(int count) {
        return new OpCase(
                "sgdUpdate " + count,
                List.of(
                        new Operand("parameters", Role.UPDATED, ElementType.FLOAT, false, Shape.of(count)),
                        fixed("gradient", Shape.of(count))),
                OpCases::sgdUpdate,
                batch -> Work.sgdUpdate(count),
                toleranceOfSum(1));
    }

    private static <T extends Tensor> Operation conv5x5Forward(Ops<T> ops, List<T> t) {
        return ops.conv5x5Forward(t.get(0), t.get(1), t.get(2), t.get(3));
    }

    private static <T extends Tensor> Operation conv5x5BackwardInput(Ops<T> ops, List<T> t) {
        return ops.conv5x5BackwardInput(t.get(0), t.get(1), t.get(2));
    }

    private static <T extends Tensor> Operation conv5x5BackwardWeights(Ops<T> ops, List<T> t) {
        return ops.conv5x5BackwardWeights(t.get(0), t.get(1), t.get(2), t.get(3));
    }

    private static <T extends Tensor> Operation averagePool2x2Forward(Ops<T> ops, List<T> t) {
        return ops.averagePool2x2Forward(t.get(0), t.get(1));
    }

    private static <T extends Tensor> Operation averagePool2x2Backward(Ops<T> ops, List<T> t) {
        return ops.averagePool2x2Backward(t.get(0), t.get(1));
    }

    private static <T extends Tensor> Operation denseForward(Ops<T> ops, List<T> t) {
        return ops.denseForward(t.get(0), t.get(1), t.get(2), t.get(3));
    }

    private static <T extends Tensor> Operation denseBackwardInput(Ops<T> ops, List<T> t) {
        return ops.denseBackwardInput(t.get(0), t.get(1), t.get(2));
    }

    private static <T extends Tensor> Operation denseBackwardWeights(Ops<T> ops, List<T> t) {
        return ops.denseBackwardWeights(t.get(0), t.get(1), t.get(2), t.get(3));
    }

    private static <T extends Tensor> Operation gather(Ops<T> ops, List<T> t) {
        Gather gather = ops.gather(t.get(0), t.get(1), t.get(2), 255, 0.1f, t.get(3), t.get(4));
        return batch -> gather.run(FIRST, batch);
    }

    private static <T extends Tensor> Operation augment(Ops<T> ops, List<T> t) {
        Augment augment = ops.augment(t.get(0), t.get(1));
        Gather gather = ops.gather(t.get(1), t.get(2), t.get(3), 1, 0, t.get(4), t.get(5));
        return batch -> {
            augment.run(Augmentation.key(batch, 1));
            gather.run(FIRST, batch);
        };
    }

    private static <T extends Tensor> Operation sgdUpdate(Ops<T> ops, List<T> t) {
        return ops.sgdUpdate(t.get(0), t.get(1), 0.01f);
    }
}
