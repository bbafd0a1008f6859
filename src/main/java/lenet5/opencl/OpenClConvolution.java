package lenet5.opencl;

import static lenet5.nn.Layer.Conv5x5.KERNEL;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import lenet5.nn.Shape;
import lenet5.ops.ConvGeometry;
import lenet5.ops.ElementType;
import lenet5.ops.Operation;
import lenet5.ops.Require;
import lenet5.ops.Work;

/** The launches of the 5x5 convolution, of {@code kernels/ops/conv5x5.cl}. */
final class OpenClConvolution {

    /** Accumulators a work-item of a convolution may hold: enough to reuse what it loads, few enough for registers. */
    private static final int MAX_TILE = 8;

    private final DeviceContext context;

    OpenClConvolution(DeviceContext context) {
        this.context = context;
    }

    Operation forward(DeviceBuffer input, DeviceBuffer weights, DeviceBuffer bias, DeviceBuffer output) {
        ConvGeometry g = ConvGeometry.of("conv5x5Forward", input, weights, bias, output);
        Launch launch = convolution("forward", g, input, weights, bias, output).doing(g::work);
        int tiles = g.outputMaps() / tile(g.outputMaps());
        return batch -> {
            Require.batch(batch, g.capacity());
            launch.run((long) g.outputHeight() * g.inputWidth(), (long) batch * tiles, 1, batch);
        };
    }

    Operation backwardInput(DeviceBuffer outputGradient, DeviceBuffer weights, DeviceBuffer inputGradient) {
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

    Operation backwardWeights(
            DeviceBuffer input, DeviceBuffer outputGradient, DeviceBuffer weightsGradient, DeviceBuffer biasGradient) {
        ConvGeometry g =
                ConvGeometry.of("conv5x5BackwardWeights", input, weightsGradient, biasGradient, outputGradient);
        int learned = weightsGradient.shape().size() + biasGradient.shape().size();
        DeviceBuffer partial = context.allocate(ElementType.FLOAT, Shape.of(g.capacity(), learned));
        Launch contributions = convolution("backward_weights_partial", g, input, outputGradient, partial)
                .doing(g::work);
        Launch sum = convolution("backward_weights_sum", g, partial, weightsGradient, biasGradient)
                .doing(batch -> new Work((long) batch * learned, (batch + 1L) * learned * Float.BYTES));
        return batch -> {
            Require.batch(batch, g.capacity());
            contributions.run(g.outputWidth(), g.inputMaps(), (long) batch * g.outputMaps(), batch);
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
}
