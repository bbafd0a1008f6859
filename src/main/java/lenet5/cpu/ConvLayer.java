package lenet5.cpu;

import lenet5.nn.Network.Stage;

/** 5x5 convolution of a block. */
final class ConvLayer implements CpuLayer {

    private final Arithmetic arithmetic;
    private final Stage stage;
    private final int weightsAt;
    private final int biasAt;
    private final Convolution convolution;
    private final int weights;
    private final int biases;

    private final float[][] laneSums;
    /** Each block's gradient by weights, then bias. */
    private final float[] shares;

    ConvLayer(Arithmetic arithmetic, Stage stage, int weightsAt, int biasAt, int threads, int blocks) {
        this.arithmetic = arithmetic;
        this.stage = stage;
        this.weightsAt = weightsAt;
        this.biasAt = biasAt;
        this.convolution = new Convolution(stage.input(), stage.output(), arithmetic.lanes());
        this.biases = convolution.outputMaps();
        this.weights = biases * convolution.weightsPitch();
        this.laneSums = new float[threads][(weights + convolution.outputWidth()) * arithmetic.lanes()];
        this.shares = new float[blocks * (weights + biases)];
    }

    @Override
    public void forward(float[] parameters, float[] input, float[] output) {
        arithmetic.convolve(convolution, parameters, weightsAt, parameters, biasAt, input, output);
    }

    @Override
    public void keep(int thread, int block, float[] input, float[] outputGradient) {
        int lanes = arithmetic.lanes();
        float[] sums = laneSums[thread];
        arithmetic.convolveWeights(convolution, input, outputGradient, sums);
        int at = block * (weights + biases);
        for (int k = 0; k < weights; k++) {
            shares[at + k] = laneSum(sums, k * lanes, lanes);
        }
        int map = convolution.outputMap();
        for (int o = 0; o < biases; o++) {
            arithmetic.sum(outputGradient, o * map, map / lanes, sums);
            shares[at + weights + o] = laneSum(sums, 0, lanes);
        }
    }

    /** The sum of a column, in an order that no compiler changes; a column is a multiple of 4. */
    private static float laneSum(float[] values, int at, int lanes) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int lane = at; lane < at + lanes; lane += 4) {
            a += values[lane];
            b += values[lane + 1];
            c += values[lane + 2];
            d += values[lane + 3];
        }
        return a + b + (c + d);
    }

    @Override
    public void backward(float[] parameters, float[] output, float[] outputGradient, float[] inputGradient) {
        arithmetic.convolveInput(convolution, parameters, weightsAt, outputGradient, inputGradient);
    }

    @Override
    public int parts() {
        return 1;
    }

    @Override
    public void learn(int part, int batch, float[] sum) {
        int blocks = (batch + arithmetic.lanes() - 1) / arithmetic.lanes();
        for (int block = 0; block < blocks; block++) {
            int at = block * (weights + biases);
            for (int k = 0; k < weights; k++) {
                sum[weightsAt + k] += shares[at + k];
            }
            for (int o = 0; o < biases; o++) {
                sum[biasAt + o] += shares[at + weights + o];
            }
        }
    }

    @Override
    public long multiplyAdds(Pass pass) {
        return pass == Pass.LEARN ? 0 : stage.multiplyAdds();
    }
}
