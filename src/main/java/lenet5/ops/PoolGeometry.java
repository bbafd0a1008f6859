package lenet5.ops;

import static lenet5.nn.Layer.AveragePool2x2.WINDOW;

import lenet5.nn.Shape;

/**
 * The extents of a 2x2 average pooling, taken from its tensors.
 *
 * @param capacity images the tensors hold
 * @param maps maps of x and y
 * @param outputHeight rows of y
 * @param outputWidth columns of y
 */
public record PoolGeometry(int capacity, int maps, int outputHeight, int outputWidth) {

    /**
     * Checks tensors (values or gradients) of these roles against one another.
     *
     * @throws IllegalArgumentException naming {@code operation} and the tensor that does not fit
     */
    public static PoolGeometry of(String operation, Tensor input, Tensor output) {
        Require.rank(operation, "output", output, ElementType.FLOAT, 4);
        Shape y = output.shape();
        PoolGeometry g = new PoolGeometry(y.extent(0), y.extent(1), y.extent(2), y.extent(3));
        Require.shape(
                operation,
                "input",
                input,
                Shape.of(g.capacity, g.maps, WINDOW * g.outputHeight, WINDOW * g.outputWidth));
        return g;
    }

    /** The work of either pass: four additions or products an output element. */
    public Work work(int batch) {
        long outputs = (long) batch * maps * outputHeight * outputWidth;
        return Work.of(outputs * WINDOW * WINDOW, outputs * (1 + WINDOW * WINDOW));
    }
}
