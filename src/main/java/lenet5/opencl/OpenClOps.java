package lenet5.opencl;

import static lenet5.nn.Layer.Conv5x5.KERNEL;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import lenet5.nn.Activation;
import lenet5.nn.Loss;
import lenet5.nn.Shape;
import lenet5.ops.Augment;
import lenet5.ops.Augmentation;
import lenet5.ops.ConvGeometry;
import lenet5.ops.DenseGeometry;
import lenet5.ops.ElementType;
import lenet5.ops.Gather;
import lenet5.ops.GatherGeometry;
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

    /** Accumulators a work-item of a convolution may hold: enough to reuse what it loads, few enough for registers. */
    private static final int MAX_TILE = 8;

    /** Rows of a matrix product that a work-item computes. */
    private static final int DENSE_ROWS = 8;

    private final DeviceContext context;

    /** Operations on {@code context}, which closes with them. */
    public OpenClOps(DeviceContext context) {
        this.context = context;
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
        GatherGeometry g = GatherGeometry.of(images, labels, order, batchImages, batchLabels);
        DeviceBuffer scale = constants(white, mean);
        Launch launch = context.bind(
                        "ops/gather",
                        "gather",
                        Map.of("H", g.height(), "W", g.width(), "PADDING", g.padding()),
                        List.of(images, labels, order, scale, batchImages, batchLabels))
                .doing(g::work);
        return new Gather() {
            @Override
            public void run(int first, int batch) {
                Require.batch(batch, g.capacity());
                Require.positions(order, first, batch);
                launch.run((long) g.paddedWidth() * g.paddedHeight(), batch, 1, first, batch);
            }

            @Override
            public void close() {
                launch.close();
                scale.close();
            }
        };
    }

    @Override
    public Augment augment(DeviceBuffer images, DeviceBuffer augmented) {
        Augmentation a = Augmentation.of(images, augmented);
        Map<String, Integer> defines = Map.of(
                "H", a.height(),
                "W", a.width(),
                "FRACTION", Augmentation.FRACTION,
                "TURN", Augmentation.TURN,
                "STRETCH", Augmentation.STRETCH,
                "SLANT", Augmentation.SLANT,
                "SHIFT", Augmentation.SHIFT,
                "BEND", Augmentation.BEND,
                "CELL_BITS", Augmentation.CELL_BITS);
        int count = images.shape().extent(0);
        Launch launch = context.bind("ops/augment", "augment", defines, List.of(images, augmented))
                .doing(a::work);
        return new Augment() {
            @Override
            public void run(int key) {
                launch.run((long) a.height() * a.width(), count, 1, key, count);
            }

            @Override
            public void close() {
                launch.close();
            }
        };
    }

    @Override
    public Operation conv5x5Forward(DeviceBuffer input, DeviceBuffer weights, DeviceBuffer bias, DeviceBuffer output) {
        ConvGeometry g = ConvGeometry.of("conv5x5Forward", input, weights, bias, output);
        Launch launch = convolution("forward", g, input, weights, bias, output).doing(g::work);
        int tiles = g.outputMaps() / tile(g.outputMaps());
        return batch -> {
            Require.batch(batch, g.capacity());
            launch.run((long) g.outputHeight() * g.inputWidth(), (long) batch * tiles, 1, batch);
        };
    }

    @Override
    public Operation conv5x5BackwardInput(
            DeviceBuffer outputGradient, DeviceBuffer weights, DeviceBuffer inputGradient) {
        ConvGeometry g = ConvGeometry.of("conv5x5BackwardInput", inputGradient, weights, outputGradient);
        int framedSize = framedSize(g);
        DeviceBuffer framed = context.allocate(ElementType.FLOAT, Shape.of(g.capacity() * g.outputMaps(), framedSize));
        Launch frame = convolution("frame", g, outputGradient, framed);
        Launch launch =
                convolution("backward_input", g, framed, weights, inputGradient).doing(g::work);
        int tiles = g.inputMaps() / tile(g.inputMaps());
        return batch -> {
            Require.batch(batch, g.capacity());
            frame.run(framedSize, (long) batch * g.outputMaps(), 1, batch);
            launch.run((long) g.inputHeight() * g.inputWidth(), (long) batch * tiles, 1, batch);
        };
    }

    @Override
    public Operation conv5x5BackwardWeights(
            DeviceBuffer input, DeviceBuffer outputGradient, DeviceBuffer weightsGradient, DeviceBuffer biasGradient) {
        ConvGeometry g =
                ConvGeometry.of("conv5x5BackwardWeights", input, weightsGradient, biasGradient, outputGradient);
        int learned = weightsGradient.shape().size() + biasGradient.shape().size();
        DeviceBuffer partial = context.allocate(ElementType.FLOAT, Shape.of(g.capacity(), learned));
        Launch shares = convolution("backward_weights_partial", g, input, outputGradient, partial)
                .doing(g::work);
        Launch sum = convolution("backward_weights_sum", g, partial, weightsGradient, biasGradient)
                .doing(batch -> new Work((long) batch * learned, (batch + 1L) * learned * Float.BYTES));
        return batch -> {
            Require.batch(batch, g.capacity());
            shares.run(g.outputWidth(), g.inputMaps(), (long) batch * g.outputMaps(), batch);
            sum.run(learned, 1, 1, batch);
        };
    }

    private Launch convolution(String pass, ConvGeometry g, DeviceBuffer... buffers) {
        Map<String, Integer> defines = Map.of(
                "IN_MAPS", g.inputMaps(),
                "IN_H", g.inputHeight(),
                "IN_W", g.inputWidth(),
                "OUT_MAPS", g.outputMaps(),
                "FRAMED_SIZE", framedSize(g),
                "IN_TILE", tile(g.inputMaps()),
                "OUT_TILE", tile(g.outputMaps()));
        return context.bind("ops/conv5x5", "conv5x5_" + pass, defines, List.of(buffers));
    }

    /** Elements of one map of y inside its frame of zeros, as {@code conv5x5_frame} lays it out. */
    private static int framedSize(ConvGeometry g) {
        return (g.inputHeight() + KERNEL - 1) * g.inputWidth() + KERNEL - 1;
    }

    /** The largest number of maps that divides all of them and fits a work-item. */
    private static int tile(int maps) {
        return IntStream.rangeClosed(1, MAX_TILE)
                .filter(tile -> maps % tile == 0)
                .max()
                .orElseThrow();
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
                "ops/tanh",
                "tanh_forward",
                Map.of(),
                output,
                Work.tanhForward(output),
                constants(activation.amplitude(), activation.slope()),
                input,
                output);
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
                Map.of(),
                output,
                Work.tanhBackward(output),
                constants(activation.derivative(), activation.bend()),
                output,
                outputGradient,
                inputGradient);
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
        DenseGeometry g = DenseGeometry.of("denseForward", input, weights, bias, output);
        Launch launch = dense("forward", g, input, weights, bias, output);
        return batch -> {
            Require.batch(batch, g.capacity());
            launch.run(g.outputs(), rowTiles(batch), 1, batch);
        };
    }

    @Override
    public Operation denseBackwardInput(DeviceBuffer outputGradient, DeviceBuffer weights, DeviceBuffer inputGradient) {
        DenseGeometry g = DenseGeometry.of("denseBackwardInput", inputGradient, weights, outputGradient);
        Launch launch = dense("backward_input", g, outputGradient, weights, inputGradient);
        return batch -> {
            Require.batch(batch, g.capacity());
            launch.run(g.inputs(), rowTiles(batch), 1, batch);
        };
    }

    @Override
    public Operation denseBackwardWeights(
            DeviceBuffer input, DeviceBuffer outputGradient, DeviceBuffer weightsGradient, DeviceBuffer biasGradient) {
        DenseGeometry g =
                DenseGeometry.of("denseBackwardWeights", input, weightsGradient, biasGradient, outputGradient);
        Launch launch = dense("backward_weights", g, input, outputGradient, weightsGradient, biasGradient);
        return batch -> {
            Require.batch(batch, g.capacity());
            launch.run(g.inputs() + 1L, rowTiles(g.outputs()), 1, batch);
        };
    }

    /** Work-items above one another that cover {@code rows} rows of a product. */
    private static int rowTiles(int rows) {
        return (rows + DENSE_ROWS - 1) / DENSE_ROWS;
    }

    private Launch dense(String pass, DenseGeometry g, DeviceBuffer... buffers) {
        Map<String, Integer> defines = Map.of("INPUTS", g.inputs(), "OUTPUTS", g.outputs());
        return context.bind("ops/dense", "dense_" + pass, defines, List.of(buffers))
                .doing(g::work);
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
                        Map.of("CLASSES", g.classes()),
                        List.of(constants(definition.constantLogit()), logits, labels, gradient, loss, correct))
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
                        "ops/sgd", "sgd_update", Map.of(), List.of(parameters, gradient, constants(learningRate)))
                .doing(elements -> Work.sgdUpdate(elements));
        return batch -> launch.run(count, 1, 1, count);
    }

    @Override
    public void close() {
        context.close();
    }

    private DeviceBuffer constants(float... values) {
        DeviceBuffer buffer = context.allocate(ElementType.FLOAT, Shape.of(values.length));
        buffer.write(values);
        return buffer;
    }
}
