package lenet5.ops;

import static lenet5.nn.Layer.Conv5x5.KERNEL;

import lenet5.nn.Shape;

/**
 * The extents of a 5x5 convolution, taken from its tensors.
 *
 * @param capacity images the tensors hold
 * @param inputMaps maps of x
 * @param inputHeight rows of x
 * @param inputWidth columns of x
 * @param outputMaps maps of y
 */
public record ConvGeometry(int capacity, int inputMaps, int inputHeight, int inputWidth, int outputMaps) {

    /**
     * Checks tensors (values or gradients) of these roles against one another.
     *
     * @throws IllegalArgumentException naming {@code operation} and the tensor that does not fit
     */
    public static ConvGeometry of(String operation, Tensor input, Tensor weights, Tensor output) {
        Require.rank(operation, "input", input, ElementType.FLOAT, 4);
        Require.rank(operation, "output", output, ElementType.FLOAT, 4);
        Shape x = input.shape();
        ConvGeometry g = new ConvGeometry(
                x.extent(0),
                x.extent(1),
                x.extent(2),
                x.extent(3),
                output.shape().extent(1));
        if (g.outputHeight() < 1 || g.outputWidth() < 1) {
            throw Require.wrong(operation, "input", input, "at least 5x5 pixels");
        }
        Require.shape(operation, "weights", weights, Shape.of(g.outputMaps, g.inputMaps, KERNEL, KERNEL));
        Require.shape(
                operation, "output", output, Shape.of(g.capacity, g.outputMaps, g.outputHeight(), g.outputWidth()));
        return g;
    }

    /** As {@link #of(String, Tensor, Tensor, Tensor)}, with a bias. */
    public static ConvGeometry of(String operation, Tensor input, Tensor weights, Tensor bias, Tensor output) {
        ConvGeometry g = of(operation, input, weights, output);
        Require.shape(operation, "bias", bias, Shape.of(g.outputMaps));
        return g;
    }

    public int outputHeight() {
        return inputHeight - KERNEL + 1;
    }

    public int outputWidth() {
        return inputWidth - KERNEL + 1;
    }

    /** The work of any of the three passes: each reads two of x, w, y and writes the third. */
    public Work work(int batch) {
        long weights = (long) outputMaps * inputMaps * KERNEL * KERNEL;
        long outputPixels = (long) outputHeight() * outputWidth();
        long image = (long) inputMaps * inputHeight * inputWidth + outputMaps * outputPixels;
        return Work.of(2 * batch * weights * outputPixels, batch * image + weights);
    }
}
