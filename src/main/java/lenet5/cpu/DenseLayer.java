package lenet5.cpu;

import lenet5.nn.Network.Stage;

/**
 * A fully connected layer on blocks. The rows of its weights are padded to whole columns, so that the gradient's columns can
 * be runs of inputs.
 */
final class DenseLayer implements CpuLayer {

    /** Outputs whose weights one part of the learning covers: small enough to share among many threads. */
    private static final int PART = 8;

    private final Arithmetic arithmetic;
    private final int weightsAt;
    private final int biasAt;
    private final int inputs;
    private final int outputs;
    private final int pitch;

    private final Product forward;
    private final Product backwardInput;
    /** For a full batch: all but the last part, and the last. */
    private final Product learning;

    private final Product lastLearning;
    private final int batchSize;
    private final float[] zeros;
    /** The inputs of the batch's images, {@code [images, pitch]}. */
    private final float[] keptInputs;
    /** The outputs' gradients, {@code [blocks, outputs, lanes]}. */
    private final float[] keptGradients;

    DenseLayer(Arithmetic arithmetic, Stage stage, int weightsAt, int biasAt, int batchSize) {
        int lanes = arithmetic.lanes();
        this.arithmetic = arithmetic;
        this.weightsAt = weightsAt;
        this.biasAt = biasAt;
        this.inputs = stage.input().size();
        this.outputs = stage.output().size();
        this.pitch = pitch(inputs, lanes);
        int[] here = {0};
        this.forward = new Product(
                outputs, 1, pitch, Product.multiples(inputs, 1), Product.multiples(inputs, lanes), here, lanes, here);
        this.backwardInput = new Product(
                inputs, 1, 1, Product.multiples(outputs, pitch), Product.multiples(outputs, lanes), here, lanes, here);
        this.batchSize = batchSize;
        this.learning = learning(PART, batchSize);
        this.lastLearning = learning(outputs - (parts() - 1) * PART, batchSize);
        this.zeros = new float[inputs];
        int images = pitch(batchSize, lanes);
        this.keptInputs = new float[images * pitch];
        this.keptGradients = new float[images * outputs];
    }

    /** {@code count} rounded up to whole columns: the distance of two rows of weights. */
    static int pitch(int count, int lanes) {
        return (count + lanes - 1) / lanes * lanes;
    }

    @Override
    public void forward(float[] parameters, float[] input, float[] output) {
        arithmetic.multiply(forward, parameters, weightsAt, parameters, biasAt, input, 0, output, 0);
    }

    @Override
    public void backward(
            int thread,
            int block,
            float[] parameters,
            float[] input,
            float[] output,
            float[] outputGradient,
            float[] inputGradient) {
        int lanes = arithmetic.lanes();
        for (int lane = 0; lane < lanes; lane++) {
            int image = (block * lanes + lane) * pitch;
            for (int i = 0; i < inputs; i++) {
                keptInputs[image + i] = input[i * lanes + lane];
            }
        }
        System.arraycopy(outputGradient, 0, keptGradients, block * outputs * lanes, outputs * lanes);
        if (inputGradient != null) {
            arithmetic.multiply(backwardInput, parameters, weightsAt, zeros, 0, outputGradient, 0, inputGradient, 0);
        }
    }

    @Override
    public int parts() {
        return (outputs + PART - 1) / PART;
    }

    @Override
    public void learn(int part, int batch, float[] sum) {
        int first = part * PART;
        Product product = part == parts() - 1 ? lastLearning : learning;
        if (batch != batchSize) {
            product = learning(product.rows(), batch); // the last batch of an epoch
        }
        int lanes = arithmetic.lanes();
        arithmetic.multiply(
                product, keptGradients, first * lanes, null, 0, keptInputs, 0, sum, weightsAt + first * pitch);
        for (int o = first; o < first + product.rows(); o++) {
            float bias = 0;
            for (int n = 0; n < batch; n++) {
                bias += keptGradients[product.wDepth()[n] + o * lanes];
            }
            sum[biasAt + o] += bias;
        }
    }

    /** dw[o, i] = sum over images n of dy[n, o] x[n, i], the inputs i as columns. */
    private Product learning(int rows, int batch) {
        int lanes = arithmetic.lanes();
        int[] images = new int[batch];
        for (int n = 0; n < batch; n++) {
            images[n] = n / lanes * outputs * lanes + n % lanes;
        }
        int[] columns = Product.multiples(pitch / lanes, lanes);
        return new Product(
                rows, columns.length, lanes, images, Product.multiples(batch, pitch), columns, pitch, columns);
    }
}
