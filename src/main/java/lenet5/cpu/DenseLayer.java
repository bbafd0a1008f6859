package lenet5.cpu;

import lenet5.engine.FusedLayer;
import lenet5.nn.Activation;

/**
 * A fully connected layer on blocks. The rows of its weights are padded to whole columns, so that the gradient's columns can
 * be runs of inputs.
 */
final class DenseLayer implements CpuLayer {

    /** Outputs whose weights a task covers: small enough to share among many threads. */
    private static final int TASK_OUTPUTS = 8;

    private final Arithmetic arithmetic;
    private final Activation activation;
    private final Activation inputActivation;
    private final boolean learns;
    private final int weightsAt;
    private final int biasAt;
    private final int inputs;
    private final int outputs;
    private final int pitch;

    private final Product forward;
    private final Product backward;
    private final int images;
    /** The inputs of the batch's images, {@code [images, pitch]}. */
    private final float[] keptInputs;
    /** The outputs' gradients, {@code [outputs, images]}. */
    private final float[] keptGradients;

    DenseLayer(
            Arithmetic arithmetic,
            FusedLayer layer,
            Activation inputActivation,
            int weightsAt,
            int biasAt,
            int batchSize) {
        int lanes = arithmetic.lanes();
        this.arithmetic = arithmetic;
        this.weightsAt = weightsAt;
        this.biasAt = biasAt;
        this.activation = layer.activation();
        this.learns = layer.learns();
        this.inputActivation = inputActivation;
        this.inputs = layer.placed().input().size();
        this.outputs = layer.placed().output().size();
        this.pitch = ParameterLayout.wholeColumns(inputs, lanes);
        this.forward = new Product(outputs, 1, inputs, pitch, lanes, lanes);
        this.backward = new Product(inputs, 1, outputs, pitch, lanes, lanes);
        this.images = ParameterLayout.wholeColumns(batchSize, lanes);
        this.keptInputs = new float[images * pitch];
        this.keptGradients = new float[outputs * images];
    }

    @Override
    public void forward(float[] parameters, float[] x, float[] y) {
        arithmetic.multiply(forward, parameters, weightsAt, parameters, biasAt, x, 0, y, 0);
        arithmetic.activate(activation, y, 0, outputs * arithmetic.lanes());
    }

    @Override
    public void keep(int thread, int block, float[] x, float[] dy) {
        int lanes = arithmetic.lanes();
        for (int lane = 0; lane < lanes; lane++) {
            int image = (block * lanes + lane) * pitch;
            for (int i = 0; i < inputs; i++) {
                keptInputs[image + i] = x[i * lanes + lane];
            }
        }
        for (int o = 0; o < outputs; o++) {
            System.arraycopy(dy, o * lanes, keptGradients, o * images + block * lanes, lanes);
        }
    }

    @Override
    public void backward(float[] parameters, float[] x, float[] dy, float[] scratch) {
        boolean direct = inputActivation.isIdentity();
        arithmetic.multiplyTransposed(backward, parameters, weightsAt, dy, 0, direct ? x : scratch, 0);
        if (!direct) {
            arithmetic.activationBackward(scratch, inputActivation, x, inputs * arithmetic.lanes());
        }
    }

    @Override
    public int tasks() {
        return learns ? (outputs + TASK_OUTPUTS - 1) / TASK_OUTPUTS : 0;
    }

    @Override
    public void learn(int task, int batch, float[] sum) {
        int first = task * TASK_OUTPUTS;
        int rows = Math.min(TASK_OUTPUTS, outputs - first);
        int at = weightsAt + first * pitch;
        arithmetic.multiply(learning(rows, batch), keptGradients, first * images, null, 0, keptInputs, 0, sum, at);
        for (int o = first; o < first + rows; o++) {
            float bias = 0;
            for (int n = 0; n < batch; n++) {
                bias += keptGradients[o * images + n];
            }
            sum[biasAt + o] += bias;
        }
    }

    /** dw[o, i] = sum over images n of dy[o, n] x[n, i], the inputs i in columns. */
    private Product learning(int rows, int batch) {
        return new Product(rows, pitch / arithmetic.lanes(), batch, images, pitch, pitch);
    }

    @Override
    public long multiplyAdds(Pass pass) {
        return pass == Pass.KEEP ? 0 : (long) inputs * outputs;
    }
}
