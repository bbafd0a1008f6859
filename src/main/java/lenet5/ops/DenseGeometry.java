package lenet5.ops;

import lenet5.nn.Shape;

/**
 * The extents of a fully connected layer, taken from its tensors.
 *
 * @param capacity images the tensors hold
 * @param inputs length of x
 * @param outputs length of y
 */
public record DenseGeometry(int capacity, int inputs, int outputs) {

    /**
     * Checks tensors (values or gradients) of these roles against one another.
     *
     * @throws IllegalArgumentException naming {@code operation} and the tensor that does not fit
     */
    public static DenseGeometry of(String operation, Tensor input, Tensor weights, Tensor output) {
        Require.rank(operation, "input", input, ElementType.FLOAT, 2);
        Require.rank(operation, "output", output, ElementType.FLOAT, 2);
        DenseGeometry g = new DenseGeometry(
                input.shape().extent(0), input.shape().extent(1), output.shape().extent(1));
        Require.shape(operation, "weights", weights, Shape.of(g.outputs, g.inputs));
        Require.shape(operation, "output", output, Shape.of(g.capacity, g.outputs));
        return g;
    }

    /** As {@link #of(String, Tensor, Tensor, Tensor)}, with a bias. */
    public static DenseGeometry of(String operation, Tensor input, Tensor weights, Tensor bias, Tensor output) {
        DenseGeometry g = of(operation, input, weights, output);
        Require.shape(operation, "bias", bias, Shape.of(g.outputs));
        return g;
    }

    /** The work of any of the three passes: each reads two of x, w, y and writes the third. */
    public Work work(int batch) {
        long weights = (long) inputs * outputs;
        return Work.of(2 * batch * weights, (long) batch * (inputs + outputs) + weights);
    }
}
