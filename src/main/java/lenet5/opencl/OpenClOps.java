package lenet5.opencl;

import java.util.List;
import java.util.Map;
import lenet5.nn.Activation;
import lenet5.nn.Loss;
import lenet5.nn.Shape;
import lenet5.ops.Augment;
import lenet5.ops.ElementType;
import lenet5.ops.Gather;
import lenet5.ops.LossGeometry;
import lenet5.ops.Operation;
import lenet5.ops.Ops;
import lenet5.ops.PoolGeometry;
import lenet5.ops.Require;
import lenet5.ops.Work;

/**
 * The operations as OpenCL kernels, one or two launches each. What a kernel computes and which work-item computes it
 * stands in {@code kernels/*.cl}; this class only binds and launches.
 */
public final class OpenClOps implements Ops<DeviceBuffer> {

    private final DeviceContext context;
    private final OpenClConvolution convolution;
    private final OpenClDense dense;

    /** Operations on {@code context}, which closes with them. */
    public OpenClOps(DeviceContext context) {
        this.context = context;
        this.convolution = new OpenClConvolution(context);
        this.dense = new OpenClDense(context);
    }

    @Override
    public String device() {
        return context.device().toString();
    }

    @Override
    public DeviceBuffer allocate(ElementType type, Shape shape) {
        DeviceBuffer buffer = context.allocate(type, shape);
        buffer.clear();
        return buffer;
    }

    @Override
    public DeviceBuffer view(DeviceBuffer buffer, int offset, Shape shape) {
        return buffer.view(offset, shape);
    }

    @Override
    public void release(DeviceBuffer buffer) {
        buffer.close();
    }

    @Override
    public int viewAlignment() {
        return Math.max(1, context.device().facts().baseAddressAlignmentBytes() / Float.BYTES);
    }

    @Override
    public void write(DeviceBuffer buffer, float[] values) {
        buffer.write(values);
    }

    @Override
    public void write(DeviceBuffer buffer, int[] values) {
        buffer.write(values);
    }

    @Override
    public void write(DeviceBuffer buffer, byte[] values) {
        buffer.write(values);
    }

    @Override
    public float[] readFloats(DeviceBuffer buffer) {
        return buffer.readFloats();
    }

    @Override
    public double sum(DeviceBuffer buffer) {
        double sum = 0;
        for (float value : buffer.readFloats()) {
            sum += value;
        }
        return sum;
    }

    @Override
    public int[] readInts(DeviceBuffer buffer) {
        return buffer.readInts();
    }

    @Override
    public void clear(DeviceBuffer buffer) {
        buffer.clear();
    }

    @Override
    public Gather gather(
            DeviceBuffer images,
            DeviceBuffer labels,
            DeviceBuffer order,
            float white,
            float mean,
            DeviceBuffer batchImages,
            DeviceBuffer batchLabels) {
        return new OpenClGather(context, images, labels, order, white, mean, batchImages, batchLabels);
    }

    @Override
    public Augment augment(DeviceBuffer images, DeviceBuffer augmented) {
        return new OpenClAugment(context, images, augmented);
    }

    @Override
    public Operation conv5x5Forward(DeviceBuffer input, DeviceBuffer weights, DeviceBuffer bias, DeviceBuffer output) {
        return convolution.forward(input, weights, bias, output);
    }

    @Override
    public Operation conv5x5BackwardInput(
            DeviceBuffer outputGradient, DeviceBuffer weights, DeviceBuffer inputGradient) {
        return convolution.backwardInput(outputGradient, weights, inputGradient);
    }

    @Override
    public Operation conv5x5BackwardWeights(
            DeviceBuffer input, DeviceBuffer outputGradient, DeviceBuffer weightsGradient, DeviceBuffer biasGradient) {
        return convolution.backwardWeights(input, outputGradient, weightsGradient, biasGradient);
    }

    @Override
    public Operation averagePool2x2Forward(DeviceBuffer input, DeviceBuffer output) {
        PoolGeometry g = PoolGeometry.of("averagePool2x2Forward", input, output);
        Map<String, Integer> defines = Map.of("OUT_W", g.outputWidth());
        return elementwise("ops/average_pool2x2", "average_pool2x2_forward", defines, output, g.work(1), input, output);
    }

    @Override
    public Operation averagePool2x2Backward(DeviceBuffer outputGradient, DeviceBuffer inputGradient) {
        PoolGeometry g = PoolGeometry.of("averagePool2x2Backward", inputGradient, outputGradient);
        Map<String, Integer> defines = Map.of("OUT_W", g.outputWidth());
        return elementwise(
                "ops/average_pool2x2",
                "average_pool2x2_backward",
                defines,
                inputGradient,
                g.work(1),
                outputGradient,
                inputGradient);
    }

    @Override
    public Operation tanhForward(Activation activation, DeviceBuffer input, DeviceBuffer output) {
        Require.type("tanhForward", "input", input, ElementType.FLOAT);
        Require.shape("tanhForward", "output", output, input.shape());
        return elementwise(
                "ops/tanh", "tanh_forward", bits(activation), output, Work.tanhForward(output), input, output);
    }

    @Override
    public Operation tanhBackward(
            Activation activation, DeviceBuffer output, DeviceBuffer outputGradient, DeviceBuffer inputGradient) {
        Require.type("tanhBackward", "output", output, ElementType.FLOAT);
        Require.shape("tanhBackward", "outputGradient", outputGradient, output.shape());
        Require.shape("tanhBackward", "inputGradient", inputGradient, output.shape());
        return elementwise(
                "ops/tanh",
                "tanh_backward",
                bits(activation),
                output,
                Work.tanhBackward(output),
                output,
                outputGradient,
                inputGradient);
    }

    private static Map<String, Integer> bits(Activation activation) {
        return Map.of(
                "AMPLITUDE", Float.floatToIntBits(activation.amplitude()),
                "SLOPE", Float.floatToIntBits(activation.slope()),
                "DERIVATIVE", Float.floatToIntBits(activation.derivative()),
                "BEND", Float.floatToIntBits(activation.bend()));
    }

    /** A launch over every element of the first images of {@code whole}, whose count is the kernel's int argument. */
    private Operation elementwise(
            String file,
            String kernel,
            Map<String, Integer> defines,
            DeviceBuffer whole,
            Work perImage,
            DeviceBuffer... buffers) {
        int capacity = whole.shape().extent(0);
        int size = whole.shape().size() / capacity;
        Launch launch =
                context.bind(file, kernel, defines, List.of(buffers)).doing(count -> perImage.times(count / size));
        return batch -> {
            Require.batch(batch, capacity);
            launch.run((long) batch * size, 1, 1, batch * size);
        };
    }

    @Override
    public Operation denseForward(DeviceBuffer input, DeviceBuffer weights, DeviceBuffer bias, DeviceBuffer output) {
        return dense.forward(input, weights, bias, output);
    }

    @Override
    public Operation denseBackwardInput(DeviceBuffer outputGradient, DeviceBuffer weights, DeviceBuffer inputGradient) {
        return dense.backwardInput(outputGradient, weights, inputGradient);
    }

    @Override
    public Operation denseBackwardWeights(
            DeviceBuffer input, DeviceBuffer outputGradient, DeviceBuffer weightsGradient, DeviceBuffer biasGradient) {
        return dense.backwardWeights(input, outputGradient, weightsGradient, biasGradient);
    }

    @Override
    public Operation softmaxCrossEntropy(
            Loss definition,
            DeviceBuffer logits,
            DeviceBuffer labels,
            DeviceBuffer gradient,
            DeviceBuffer loss,
            DeviceBuffer correct) {
        LossGeometry g = LossGeometry.of(logits, labels, gradient, loss, correct);
        Launch launch = context.bind(
                        "ops/softmax_cross_entropy",
                        "softmax_cross_entropy",
                        Map.of(
                                "CLASSES",
                                g.classes(),
                                "CONSTANT_LOGIT",
                                Float.floatToIntBits(definition.constantLogit())),
                        List.of(logits, labels, gradient, loss, correct))
                .doing(g::work);
        return batch -> {
            Require.batch(batch, g.capacity());
            launch.run(batch, 1, 1, batch);
        };
    }

    @Override
    public Operation sgdUpdate(DeviceBuffer parameters, DeviceBuffer gradient, float learningRate) {
        Require.type("sgdUpdate", "parameters", parameters, ElementType.FLOAT);
        Require.shape("sgdUpdate", "gradient", gradient, parameters.shape());
        int count = parameters.shape().size();
        Launch launch = context.bind(
                        "ops/sgd",
                        "sgd_update",
                        Map.of(),
                        List.of(parameters, gradient, context.constants(learningRate)))
                .doing(elements -> Work.sgdUpdate(elements));
        return batch -> launch.run(count, 1, 1, count);
    }

    @Override
    public void close() {
        context.close();
    }
}
