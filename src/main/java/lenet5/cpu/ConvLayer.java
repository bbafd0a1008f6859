package lenet5.cpu;

import lenet5.engine.FusedLayer;
import lenet5.nn.Activation;
import lenet5.nn.Network.Placed;

/** 5x5 convolution of a block. */
final class ConvLayer implements CpuLayer {

    private final Arithmetic arithmetic;
    private final Placed placed;
    private final Activation inputActivation;
    private final int weightsAt;
    private final int biasAt;
    private final Convolution convolution;
    private final int weights;
    private final int biases;

    private final float[][] scratch;
    /** Each block's contribution to the gradient by weights, then bias. */
    private final float[] contributions;

    ConvLayer(
            Arithmetic arithmetic,
            FusedLayer layer,
            Activation inputActivation,
            int weightsAt,
            int biasAt,
            int threads,
            int blocks) {
        this.arithmetic = arithmetic;
        this.placed = layer.placed();
        this.inputActivation = inputActivation;
        this.weightsAt = weightsAt;
        this.biasAt = biasAt;
        this.convolution = new Convolution(placed.input(), placed.output(), layer.activation(), arithmetic.lanes());
        this.biases = convolution.outputMaps();
        this.weights = biases * convolution.weightsPitch();
        this.scratch = new float[threads][Arithmetic.SCRATCH_COLUMNS * arithmetic.lanes()];
        this.contributions = new float[blocks * (weights + biases)];
    }

    @Override
    public void forward(float[] parameters, float[] x, float[] y) {
        arithmetic.convolve(convolution, parameters, weightsAt, parameters, biasAt, x, y);
    }

    @Override
    public void keep(int thread, int block, float[] x, float[] dy) {
        int lanes = arithmetic.lanes();
        int at = block * (weights + biases);
        arithmetic.convolveWeights(convolution, x, dy, scratch[thread], contributions, at);
        int map = convolution.outputMap();
        for (int o = 0; o < biases; o++) {
            contributions[at + weights + o] = arithmetic.sum(dy, o * map, map / lanes);
        }
    }

    @Override
    public void backward(float[] parameters, float[] x, float[] dy, float[] scratch) {
        boolean direct = inputActivation.isIdentity();
        arithmetic.convolveInput(convolution, parameters, weightsAt, dy, direct ? x : scratch);
        if (!direct) {
            arithmetic.activationBackward(
                    scratch, inputActivation, x, convolution.inputMaps() * convolution.inputMap());
        }
    }

    @Override
    public int tasks() {
        return 1;
    }

    @Override
    public void learn(int task, int batch, float[] sum) {
        int blocks = (batch + arithmetic.lanes() - 1) / arithmetic.lanes();
        for (int block = 0; block < blocks; block++) {
            int at = block * (weights + biases);
            for (int k = 0; k < weights; k++) {
                sum[weightsAt + k] += contributions[at + k];
            }
            for (int o = 0; o < biases; o++) {
                sum[biasAt + o] += contributions[at + weights + o];
            }
        }
    }

    @Override
    public long multiplyAdds(Pass pass) {
        return pass == Pass.LEARN ? 0 : placed.multiplyAdds();
    }
}
