package lenet5.ops;

import static lenet5.nn.Layer.AveragePool2x2.WINDOW;
import static lenet5.nn.Layer.Conv5x5.KERNEL;

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
        ConvGeometry g = ConvGeometry.of("conv5x5Forward", input, weights, bias, output);
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    for (int o = 0; o < g.outputMaps(); o++) {
                        for (int r = 0; r < g.outputHeight(); r++) {
                            for (int c = 0; c < g.outputWidth(); c++) {
                                double sum = bias.get(o);
                                for (int i = 0; i < g.inputMaps(); i++) {
                                    for (int u = 0; u < KERNEL; u++) {
                                        int w = ((o * g.inputMaps() + i) * KERNEL + u) * KERNEL;
                                        int x = ((n * g.inputMaps() + i) * g.inputHeight() + r + u) * g.inputWidth()
                                                + c;
                                        for (int v = 0; v < KERNEL; v++) {
                                            sum += weights.get(w + v) * input.get(x + v);
                                        }
                                    }
                                }
                                output.set(
                                        ((n * g.outputMaps() + o) * g.outputHeight() + r) * g.outputWidth() + c, sum);
                            }
                        }
                    }
                }));
    }

    @Override
    public Operation conv5x5BackwardInput(HostTensor outputGradient, HostTensor weights, HostTensor inputGradient) {
        ConvGeometry g = ConvGeometry.of("conv5x5BackwardInput", inputGradient, weights, outputGradient);
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    for (int i = 0; i < g.inputMaps(); i++) {
                        for (int r = 0; r < g.inputHeight(); r++) {
                            for (int c = 0; c < g.inputWidth(); c++) {
                                inputGradient.set(
                                        ((n * g.inputMaps() + i) * g.inputHeight() + r) * g.inputWidth() + c,
                                        convInputGradient(g, outputGradient, weights, n, i, r, c));
                            }
                        }
                    }
                }));
    }

    /** The sum over the output maps and those taps (u, v) for which (r - u, c - v) lies in the output. */
    private static double convInputGradient(
            ConvGeometry g, HostTensor outputGradient, HostTensor weights, int n, int i, int r, int c) {
        int firstU = Math.max(0, r - g.outputHeight() + 1);
        int lastU = Math.min(KERNEL - 1, r);
        int firstV = Math.max(0, c - g.outputWidth() + 1);
        int lastV = Math.min(KERNEL - 1, c);
        double sum = 0;
        for (int o = 0; o < g.outputMaps(); o++) {
            for (int u = firstU; u <= lastU; u++) {
                int w = ((o * g.inputMaps() + i) * KERNEL + u) * KERNEL;
                int dy = ((n * g.outputMaps() + o) * g.outputHeight() + r - u) * g.outputWidth() + c;
                for (int v = firstV; v <= lastV; v++) {
                    sum += weights.get(w + v) * outputGradient.get(dy - v);
                }
            }
        }
        return sum;
    }

    @Override
    public Operation conv5x5BackwardWeights(
            HostTensor input, HostTensor outputGradient, HostTensor weightsGradient, HostTensor biasGradient) {
        ConvGeometry g =
                ConvGeometry.of("conv5x5BackwardWeights", input, weightsGradient, biasGradient, outputGradient);
        return within(
                g.capacity(),
                batch -> inParallel(g.outputMaps(), o -> {
                    double biasSum = 0;
                    for (int n = 0; n < batch; n++) {
                        int dy = (n * g.outputMaps() + o) * g.outputHeight() * g.outputWidth();
                        for (int p = 0; p < g.outputHeight() * g.outputWidth(); p++) {
                            biasSum += outputGradient.get(dy + p);
                        }
                    }
                    biasGradient.set(o, biasSum);
                    for (int i = 0; i < g.inputMaps(); i++) {
                        for (int u = 0; u < KERNEL; u++) {
                            for (int v = 0; v < KERNEL; v++) {
                                weightsGradient.set(
                                        ((o * g.inputMaps() + i) * KERNEL + u) * KERNEL + v,
                                        convWeightGradient(g, input, outputGradient, batch, o, i, u, v));
                            }
                        }
                    }
                }));
    }

    private static double convWeightGradient(
            ConvGeometry g, HostTensor input, HostTensor outputGradient, int batch, int o, int i, int u, int v) {
        double sum = 0;
        for (int n = 0; n < batch; n++) {
            for (int r = 0; r < g.outputHeight(); r++) {
                int x = ((n * g.inputMaps() + i) * g.inputHeight() + r + u) * g.inputWidth() + v;
                int dy = ((n * g.outputMaps() + o) * g.outputHeight() + r) * g.outputWidth();
                for (int c = 0; c < g.outputWidth(); c++) {
                    sum += outputGradient.get(dy + c) * input.get(x + c);
                }
            }
        }
        return sum;
    }

    @Override
    public Operation averagePool2x2Forward(HostTensor input, HostTensor output) {
        PoolGeometry g = PoolGeometry.of("averagePool2x2Forward", input, output);
        int width = WINDOW * g.outputWidth();
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    int rows = g.maps() * g.outputHeight();
                    for (int row = n * rows; row < (n + 1) * rows; row++) {
                        for (int c = 0; c < g.outputWidth(); c++) {
                            int x = WINDOW * (row * width + c);
                            double sum =
                                    input.get(x) + input.get(x + 1) + input.get(x + width) + input.get(x + width + 1);
                            output.set(row * g.outputWidth() + c, sum / (WINDOW * WINDOW));
                        }
                    }
                }));
    }

    @Override
    public Operation averagePool2x2Backward(HostTensor outputGradient, HostTensor inputGradient) {
        PoolGeometry g = PoolGeometry.of("averagePool2x2Backward", inputGradient, outputGradient);
        int width = WINDOW * g.outputWidth();
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    int rows = g.maps() * WINDOW * g.outputHeight();
                    for (int row = n * rows; row < (n + 1) * rows; row++) {
                        for (int c = 0; c < width; c++) {
                            double dy = outputGradient.get(row / WINDOW * g.outputWidth() + c / WINDOW);
                            inputGradient.set(row * width + c, dy / (WINDOW * WINDOW));
                        }
                    }
                }));
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
        DenseGeometry g = DenseGeometry.of("denseForward", input, weights, bias, output);
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    for (int o = 0; o < g.outputs(); o++) {
                        double sum = bias.get(o);
                        for (int i = 0; i < g.inputs(); i++) {
                            sum += weights.get(o * g.inputs() + i) * input.get(n * g.inputs() + i);
                        }
                        output.set(n * g.outputs() + o, sum);
                    }
                }));
    }

    @Override
    public Operation denseBackwardInput(HostTensor outputGradient, HostTensor weights, HostTensor inputGradient) {
        DenseGeometry g = DenseGeometry.of("denseBackwardInput", inputGradient, weights, outputGradient);
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    for (int i = 0; i < g.inputs(); i++) {
                        double sum = 0;
                        for (int o = 0; o < g.outputs(); o++) {
                            sum += weights.get(o * g.inputs() + i) * outputGradient.get(n * g.outputs() + o);
                        }
                        inputGradient.set(n * g.inputs() + i, sum);
                    }
                }));
    }

    @Override
    public Operation denseBackwardWeights(
            HostTensor input, HostTensor outputGradient, HostTensor weightsGradient, HostTensor biasGradient) {
        DenseGeometry g =
                DenseGeometry.of("denseBackwardWeights", input, weightsGradient, biasGradient, outputGradient);
        return within(
                g.capacity(),
                batch -> inParallel(g.outputs(), o -> {
                    double biasSum = 0;
                    for (int n = 0; n < batch; n++) {
                        biasSum += outputGradient.get(n * g.outputs() + o);
                    }
                    biasGradient.set(o, biasSum);
                    for (int i = 0; i < g.inputs(); i++) {
                        double sum = 0;
                        for (int n = 0; n < batch; n++) {
                            sum += outputGradient.get(n * g.outputs() + o) * input.get(n * g.inputs() + i);
                        }
                        weightsGradient.set(o * g.inputs() + i, sum);
                    }
                }));
    }

    @Override
    public Operation softmaxCrossEntropy(
            Loss definition,
            HostTensor logits,
            HostTensor labels,
            HostTensor gradient,
            HostTensor loss,
            HostTensor correct) {
        LossGeometry g = LossGeometry.of(logits, labels, gradient, loss, correct);
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    int row = n * g.classes();
                    int label = (int) labels.get(n);
                    int largest = 0;
                    for (int k = 1; k < g.classes(); k++) {
                        largest = logits.get(row + k) > logits.get(row + largest) ? k : largest;
                    }
                    double maximum = Math.max(logits.get(row + largest), definition.constantLogit());
                    double sum = Math.exp(definition.constantLogit() - maximum);
                    for (int k = 0; k < g.classes(); k++) {
                        sum += Math.exp(logits.get(row + k) - maximum);
                    }
                    for (int k = 0; k < g.classes(); k++) {
                        double probability = Math.exp(logits.get(row + k) - maximum) / sum;
                        gradient.set(row + k, (probability - (k == label ? 1 : 0)) / batch);
                    }
                    loss.set(n, loss.get(n) + Math.log(sum) + maximum - logits.get(row + label));
                    correct.set(n, correct.get(n) + (largest == label ? 1 : 0));
                }));
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

    private static Operation within(int capacity, Operation operation) {
        return batch -> {
            Require.batch(batch, capacity);
            operation.run(batch);
        };
    }

    private static void inParallel(int count, IntConsumer body) {
        IntStream.range(0, count).parallel().forEach(body);
    }
}
