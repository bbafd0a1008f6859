package lenet5.cpu;

import static lenet5.nn.Layer.AveragePool2x2.WINDOW;

import lenet5.nn.Activation;
import lenet5.nn.Shape;

/**
 * 2x2 average pooling of a block.
 *
 * @param pooled the shape of the maps afterwards
 * @param activation what is applied to the means
 * @param inputActivation what made x
 */
record PoolLayer(Arithmetic arithmetic, Shape pooled, Activation activation, Activation inputActivation)
        implements CpuLayer {

    /** What each pixel of a window counts. */
    static final float QUARTER = 1f / (WINDOW * WINDOW);

    private int rows() {
        return pooled.extent(0) * pooled.extent(1);
    }

    private int columns() {
        return pooled.extent(2);
    }

    /** Floats of a row of the output; the window's two rows of the input have as many for each of its pixels. */
    private int rowLength() {
        return columns() * arithmetic.lanes();
    }

    @Override
    public void forward(float[] parameters, float[] x, float[] y) {
        for (int row = 0; row < rows(); row++) {
            int at = row * rowLength();
            arithmetic.average(x, WINDOW * WINDOW * at, y, at, columns());
        }
        arithmetic.activate(activation, y, 0, rows() * rowLength());
    }

    @Override
    public void backward(float[] parameters, float[] x, float[] dy, float[] scratch) {
        for (int row = 0; row < rows(); row++) {
            int at = row * rowLength();
            arithmetic.averageBackward(dy, at, inputActivation, x, WINDOW * WINDOW * at, columns());
        }
    }
}
