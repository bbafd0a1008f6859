package lenet5.cpu;

import static lenet5.nn.Layer.Conv5x5.KERNEL;

import java.util.Arrays;
import lenet5.nn.Network.Stage;

/** 5x5 convolution of a block: its three passes share two index patterns, worked out once. */
final class ConvLayer implements CpuLayer {

    private static final int TAPS = KERNEL * KERNEL;

    private final Arithmetic arithmetic;
    private final int weightsAt;
    private final int biasAt;
    private final int inputMaps;
    private final int inputWidth;
    private final int outputMaps;
    private final int outputHeight;
    private final int outputWidth;

    private final Product forward;
    private final Product backwardInput;

    private final float[][] laneSums;
    /** Each block's gradient by weights, then bias. */
    private final float[] shares;

    ConvLayer(Arithmetic arithmetic, Stage stage, int weightsAt, int biasAt, int threads, int blocks) {
        int lanes = arithmetic.lanes();
        this.arithmetic = arithmetic;
        this.weightsAt = weightsAt;
        this.biasAt = biasAt;
        this.inputMaps = stage.input().extent(0);
        this.outputMaps = stage.output().extent(0);
        this.outputHeight = stage.output().extent(1);
        this.outputWidth = stage.output().extent(2);
        int inputHeight = stage.input().extent(1);
        this.inputWidth = stage.input().extent(2);

        int outputMap = outputHeight * outputWidth;
        int[] inputWindow = taps(inputMaps, inputHeight * inputWidth * lanes, inputWidth * lanes, lanes);
        int[] inputPixels = pixels(outputHeight, outputWidth, inputWidth * lanes, lanes);
        int[] outputPixels = pixels(outputHeight, outputWidth, outputWidth * lanes, lanes);
        int depth = inputMaps * TAPS;
        this.forward = new Product(
                outputMaps,
                outputWidth,
                depth,
                Product.multiples(depth, 1),
                inputWindow,
                inputPixels,
                outputMap * lanes,
                outputPixels);
        // dx[i, r + u, c + v] += sum over o of w[o, i, u, v] dy[o, r, c], one tap (u, v) at a time
        this.backwardInput = new Product(
                inputMaps,
                outputWidth,
                TAPS,
                Product.multiples(outputMaps, depth),
                Product.multiples(outputMaps, outputMap * lanes),
                outputPixels,
                inputHeight * inputWidth * lanes,
                inputPixels);

        this.laneSums = new float[threads][(outputMaps * depth + outputWidth) * lanes];
        this.shares = new float[blocks * size()];
    }

    /** Where the taps of every map lie, by map, row and column. */
    private static int[] taps(int maps, int map, int row, int column) {
        int[] offsets = new int[maps * TAPS];
        for (int k = 0; k < offsets.length; k++) {
            offsets[k] = k / TAPS * map + k % TAPS / KERNEL * row + k % KERNEL * column;
        }
        return offsets;
    }

    private static int[] pixels(int height, int width, int row, int column) {
        int[] offsets = new int[height * width];
        for (int p = 0; p < offsets.length; p++) {
            offsets[p] = p / width * row + p % width * column;
        }
        return offsets;
    }

    /** The number of weights and biases. */
    private int size() {
        return outputMaps * (inputMaps * TAPS + 1);
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
        keepShare(thread, block, input, outputGradient);
        if (inputGradient != null) {
            Arrays.fill(inputGradient, 0);
            for (int tap = 0; tap < TAPS; tap++) {
                int at = (tap / KERNEL * inputWidth + tap % KERNEL) * arithmetic.lanes();
                arithmetic.multiply(
                        backwardInput, parameters, weightsAt + tap, null, 0, outputGradient, 0, inputGradient, at);
            }
        }
    }

    private void keepShare(int thread, int block, float[] input, float[] gradient) {
        int lanes = arithmetic.lanes();
        float[] sums = laneSums[thread];
        arithmetic.correlate(forward, input, 0, gradient, 0, sums);
        int at = block * size();
        int weights = outputMaps * inputMaps * TAPS;
        for (int k = 0; k < weights; k++) {
            shares[at + k] = laneSum(sums, k * lanes, lanes);
        }
        int map = outputHeight * outputWidth;
        for (int o = 0; o < outputMaps; o++) {
            arithmetic.sum(gradient, o * map * lanes, map, sums);
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
    public int parts() {
        return 1;
    }

    @Override
    public void learn(int part, int batch, float[] sum) {
        int blocks = (batch + arithmetic.lanes() - 1) / arithmetic.lanes();
        int weights = outputMaps * inputMaps * TAPS;
        for (int block = 0; block < blocks; block++) {
            int at = block * size();
            for (int k = 0; k < weights; k++) {
                sum[weightsAt + k] += shares[at + k];
            }
            for (int o = 0; o < outputMaps; o++) {
                sum[biasAt + o] += shares[at + weights + o];
            }
        }
    }
}
