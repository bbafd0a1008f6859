package lenet5.opencl;

import java.util.List;
import java.util.Map;
import lenet5.ops.DenseGeometry;
import lenet5.ops.Operation;
import lenet5.ops.Require;

/** The launches of the dense layer, of {@code kernels/ops/dense.cl}. */
final class OpenClDense {

    /** Rows of a matrix product that a work-item computes. */
    private static final int DENSE_ROWS = 8;

    private final DeviceContext context;

    OpenClDense(DeviceContext context) {
        this.context = context;
    }

    Operation forward(DeviceBuffer input, DeviceBuffer weights, DeviceBuffer bias, DeviceBuffer output) {
        DenseGeometry g = DenseGeometry.of("denseForward", input, weights, bias, output);
        Launch launch = dense("forward", g, input, weights, bias, output);
        return batch -> {
            Require.batch(batch, g.capacity());
            launch.run(g.outputs(), rowTiles(batch), 1, batch);
        };
    }

    Operation backwardInput(DeviceBuffer outputGradient, DeviceBuffer weights, DeviceBuffer inputGradient) {
        DenseGeometry g = DenseGeometry.of("denseBackwardInput", inputGradient, weights, outputGradient);
        Launch launch = dense("backward_input", g, outputGradient, weights, inputGradient);
        return batch -> {
            Require.batch(batch, g.capacity());
            launch.run(g.inputs(), rowTiles(batch), 1, batch);
        };
    }

    Operation backwardWeights(
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
}
