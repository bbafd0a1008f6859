package lenet5.cpu;

import static lenet5.nn.Layer.AveragePool2x2.WINDOW;

import lenet5.nn.Shape;

/**
 * 2x2 average pooling of a block.
 *
 * @param output the pooled maps
 */
record PoolLayer(int lanes, Shape output) implements CpuLayer {

    private static final float SHARE = 1f / (WINDOW * WINDOW);

    private int rows() {
        return output.extent(0) * output.extent(1);
    }

    /** Floats of one row of the input. */
    private int rowLength() {
        return WINDOW * output.extent(2) * lanes;
    }

    @Override
    public void forward(float[] parameters, float[] input, float[] result) {
        int length = rowLength();
        for (int row = 0; row < rows(); row++) {
            for (int c = 0; c < output.extent(2); c++) {
                int x = WINDOW * (row * length + c * lanes);
                int y = row * length / WINDOW + c * lanes;
                for (int lane = 0; lane < lanes; lane++) {
                    float above = input[x + lane] + input[x + lanes + lane];
                    float below = input[x + length + lane] + input[x + length + lanes + lane];
                    result[y + lane] = (above + below) * SHARE;
                }
            }
        }
    }

    @Override
    public void backward(
            int thread,
            int block,
            float[] parameters,
            float[] input,
            float[] result,
            float[] outputGradient,
            float[] inputGradient) {
        if (inputGradient == null) {
            return;
        }
        int length = rowLength();
        for (int row = 0; row < rows(); row++) {
            for (int c = 0; c < output.extent(2); c++) {
                int x = WINDOW * (row * length + c * lanes);
                int y = row * length / WINDOW + c * lanes;
                for (int lane = 0; lane < lanes; lane++) {
                    float share = outputGradient[y + lane] * SHARE;
                    inputGradient[x + lane] = share;
                    inputGradient[x + lanes + lane] = share;
                    inputGradient[x + length + lane] = share;
                    inputGradient[x + length + lanes + lane] = share;
                }
            }
        }
    }
}
