package lenet5.ops;

import static lenet5.ops.ReferenceLoops.inParallel;
import static lenet5.ops.ReferenceLoops.within;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import lenet5.nn.Activation;
import lenet5.nn.Loss;
import lenet5.nn.Shape;

/**
 * The operations as plain loops: the definition that every other implementation is tested against. Sums run in double
 * and in a fixed order; images or output rows are shared among the common pool's threads, which changes no bit.
 */
public final class ReferenceOps implements Ops<HostTensor> {

    private final boolean doublePrecision;

    private ReferenceOps(boolean doublePrecision) {
        this.doublePrecision = doublePrecision;
    }

    /** FLOAT tensors hold 32-bit floats, as on a device. */
    public static ReferenceOps inFloat() {
        return new ReferenceOps(false);
    }

    /** FLOAT tensors hold 64-bit doubles, for checking gradients by differences. */
    public static ReferenceOps inDouble() {
        return new ReferenceOps(true);
    }

    @Override
    public String device() {
        return "CPU, " + Runtime.getRuntime().availableProcessors() + " threads";
    }

    @Override
    public HostTensor allocate(ElementType type, Shape shape) {
        int size = shape.size();
        return switch (type) {
            case FLOAT ->
                doublePrecision
                        ? new HostTensor.Doubles(new double[size], shape, 0)
                        : new HostTensor.Floats(new float[size], shape, 0);
            case INT -> new HostTensor.Ints(new int[size], shape, 0);
            case BYTE -> new HostTensor.Bytes(new byte[size], shape, 0);
        };
    }

    @Override
    public HostTensor view(HostTensor tensor, int offset, Shape shape) {
        Require.region(tensor, offset, shape);
        return tensor.view(offset, shape);
    }

    @Override
    public int viewAlignment() {
        return 1;
    }

    /** The collector does. */
    @Override
    public void release(HostTensor tensor) {}

    @Override
    public void write(HostTensor tensor, float[] values) {
        Require.length(tensor, values.length);
        IntStream.range(0, values.length).forEach(i -> tensor.set(i, values[i]));
    }

    @Override
    public void write(HostTensor tensor, int[] values) {
        Require.length(tensor, values.length);
        IntStream.range(0, values.length).forEach(i -> tensor.set(i, values[i]));
    }

    @Override
    public void write(HostTensor tensor, byte[] values) {
        Require.length(tensor, values.length);
        IntStream.range(0, values.length).forEach(i -> tensor.set(i, values[i]));
    }

    @Override
    public float[] readFloats(HostTensor tensor) {
        float[] values = new float[tensor.shape().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) tensor.get(i);
        }
        return values;
    }

    @Override
    public double sum(HostTensor tensor) {
        double sum = 0;
        for (int i = 0; i < tensor.shape().size(); i++) {
            sum += tensor.get(i);
        }
        return sum;
    }

    @Override
    public int[] readInts(HostTensor tensor) {
        return IntStream.range(0, tensor.shape().size())
                .map(i -> (int) tensor.get(i))
                .toArray();
    }

    @Override
    public void clear(HostTensor tensor) {
        IntStream.range(0, tensor.shape().size()).forEach(i -> tensor.set(i, 0));
    }

    @Override
    public Gather gather(
            HostTensor images,
            HostTensor labels,
            HostTensor order,
            float white,
            float mean,
            HostTensor batchImages,
            HostTensor batchLabels) {
        GatherGeometry g = GatherGeometry.of(images, labels, order, batchImages, batchLabels);
        return (first, batch) -> {
            Require.batch(batch, g.capacity());
            Require.positions(order, first, batch);
            inParallel(batch, n -> {
                int image = (int) order.get(first + n);
                batchLabels.set(n, labels.get(image));
                for (int row = 0; row < g.paddedHeight(); row++) {
                    for (int column = 0; column < g.paddedWidth(); column++) {
                        int r = row - g.padding();
                        int c = column - g.padding();
                        boolean inside = r >= 0 && r < g.height() && c >= 0 && c < g.width();
                        double pixel = inside ? images.get((image * g.height() + r) * g.width() + c) : 0;
                        batchImages.set((n * g.paddedHeight() + row) * g.paddedWidth() + column, pixel / white - mean);
                    }
                }
            });
        };
    }

    @Override
    public Augment augment(HostTensor images, HostTensor augmented) {
        Augmentation augmentation = Augmentation.of(images, augmented);
        HostTensor.Bytes from = (HostTensor.Bytes) images;
        HostTensor.Bytes to = (HostTensor.Bytes) augmented;
        return key -> inParallel(
                images.shape().extent(0),
                image -> augmentation.draw(from.values(), from.offset, image, key, to.values(), to.offset));
    }

    @Override
    public Operation conv5x5Forward(HostTensor input, HostTensor weights, HostTensor bias, HostTensor output) {
        return ReferenceConvolution.forward(input, weights, bias, output);
    }

    @Override
    public Operation conv5x5BackwardInput(HostTensor outputGradient, HostTensor weights, HostTensor inputGradient) {
        return ReferenceConvolution.backwardInput(outputGradient, weights, inputGradient);
    }

    @Override
    public Operation conv5x5BackwardWeights(
            HostTensor input, HostTensor outputGradient, HostTensor weightsGradient, HostTensor biasGradient) {
        return ReferenceConvolution.backwardWeights(input, outputGradient, weightsGradient, biasGradient);
    }

    @Override
    public Operation averagePool2x2Forward(HostTensor input, HostTensor output) {
        return ReferencePooling.forward(input, output);
    }

    @Override
    public Operation averagePool2x2Backward(HostTensor outputGradient, HostTensor inputGradient) {
        return ReferencePooling.backward(outputGradient, inputGradient);
    }

    @Override
    public Operation tanhForward(Activation activation, HostTensor input, HostTensor output) {
        Require.type("tanhForward", "input", input, ElementType.FLOAT);
        Require.shape("tanhForward", "output", output, input.shape());
        return elementwise(
                output, i -> output.set(i, activation.amplitude() * Math.tanh(activation.slope() * input.get(i))));
    }

    @Override
    public Operation tanhBackward(
            Activation activation, HostTensor output, HostTensor outputGradient, HostTensor inputGradient) {
        Require.type("tanhBackward", "output", output, ElementType.FLOAT);
        Require.shape("tanhBackward", "outputGradient", outputGradient, output.shape());
        Require.shape("tanhBackward", "inputGradient", inputGradient, output.shape());
        double derivative = (double) activation.amplitude() * activation.slope();
        double bend = (double) activation.slope() / activation.amplitude();
        return elementwise(
                output,
                i -> inputGradient.set(i, outputGradient.get(i) * (derivative - bend * output.get(i) * output.get(i))));
    }

    @Override
    public Operation denseForward(HostTensor input, HostTensor weights, HostTensor bias, HostTensor output) {
        return ReferenceDense.forward(input, weights, bias, output);
    }

    @Override
    public Operation denseBackwardInput(HostTensor outputGradient, HostTensor weights, HostTensor inputGradient) {
        return ReferenceDense.backwardInput(outputGradient, weights, inputGradient);
    }

    @Override
    public Operation denseBackwardWeights(
            HostTensor input, HostTensor outputGradient, HostTensor weightsGradient, HostTensor biasGradient) {
        return ReferenceDense.backwardWeights(input, outputGradient, weightsGradient, biasGradient);
    }

    @Override
    public Operation softmaxCrossEntropy(
            Loss definition,
            HostTensor logits,
            HostTensor labels,
            HostTensor gradient,
            HostTensor loss,
            HostTensor correct) {
        return ReferenceLoss.softmaxCrossEntropy(definition, logits, labels, gradient, loss, correct);
    }

    @Override
    public Operation sgdUpdate(HostTensor parameters, HostTensor gradient, float learningRate) {
        Require.type("sgdUpdate", "parameters", parameters, ElementType.FLOAT);
        Require.shape("sgdUpdate", "gradient", gradient, parameters.shape());
        return batch -> IntStream.range(0, parameters.shape().size())
                .forEach(i -> parameters.set(i, parameters.get(i) - learningRate * gradient.get(i)));
    }

    /** Does nothing: the garbage collector frees host tensors. */
    @Override
    public void close() {}

    private static Operation elementwise(HostTensor tensor, IntConsumer element) {
        int size = tensor.shape().item().size();
        return within(
                tensor.shape().extent(0),
                batch -> inParallel(batch, n -> {
                    for (int i = n * size; i < (n + 1) * size; i++) {
                        element.accept(i);
                    }
                }));
    }
}
