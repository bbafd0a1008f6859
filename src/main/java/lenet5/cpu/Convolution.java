package lenet5.cpu;

import static lenet5.nn.Layer.Conv5x5.KERNEL;

import java.util.stream.IntStream;
import lenet5.nn.Activation;
import lenet5.nn.Shape;

/**
 * The extents of a 5x5 convolution of a block, and where things lie in its arrays: x is {@code [inputMaps, inputHeight,
 * inputWidth, lanes]}, y {@code [outputMaps, outputHeight, outputWidth, lanes]}, w {@code [outputMaps, inputMaps, 5, 5]}.
 */
final class Convolution {

    /**
     * Where pixels of an output map lie.
     *
     * @param inInput where the window of each begins in a map of x
     * @param inOutput where each begins in a map of y
     */
    record Pixels(int[] inInput, int[] inOutput) {}

    private final Activation activation;
    private final int lanes;
    private final int inputMaps;
    private final int inputHeight;
    private final int inputWidth;
    private final int outputMaps;
    private final int outputHeight;
    private final int outputWidth;

    private final int[] windowRows;
    private final int[] weightRows;
    private final int[] gradientRows;
    private final Pixels pixels;
    private final Pixels pairs;
    private final Pixels unpaired;

    Convolution(Shape input, Shape output, Activation activation, int lanes) {
        this.activation = activation;
        this.lanes = lanes;
        this.inputMaps = input.extent(0);
        this.inputHeight = input.extent(1);
        this.inputWidth = input.extent(2);
        this.outputMaps = output.extent(0);
        this.outputHeight = output.extent(1);
        this.outputWidth = output.extent(2);
        this.windowRows = table(inputMaps * KERNEL, p -> p / KERNEL * inputMap() + p % KERNEL * inputWidth * lanes);
        this.weightRows = table(KERNEL * outputMaps, p -> p % outputMaps * weightsPitch() + p / outputMaps * KERNEL);
        this.gradientRows =
                table(KERNEL * outputMaps, p -> p % outputMaps * outputMap() - p / outputMaps * outputWidth * lanes);
        int[] all = IntStream.range(0, outputHeight * outputWidth).toArray();
        int even = outputWidth / 2 * 2;
        int[] pairs = IntStream.of(all)
                .filter(p -> p % outputWidth < even && p % outputWidth % 2 == 0)
                .toArray();
        int[] last = IntStream.of(all).filter(p -> p % outputWidth >= even).toArray();
        this.pixels = pixels(all);
        this.pairs = pixels(pairs);
        this.unpaired = pixels(last);
    }

    private Pixels pixels(int[] numbers) {
        return new Pixels(inInput(numbers), inOutput(numbers));
    }

    private static int[] table(int length, java.util.function.IntUnaryOperator element) {
        return IntStream.range(0, length).map(element).toArray();
    }

    private int[] inInput(int[] pixels) {
        return IntStream.of(pixels)
                .map(p -> (p / outputWidth * inputWidth + p % outputWidth) * lanes)
                .toArray();
    }

    private int[] inOutput(int[] pixels) {
        return IntStream.of(pixels).map(p -> p * lanes).toArray();
    }

    /** What is applied to the sums. */
    Activation activation() {
        return activation;
    }

    int inputMaps() {
        return inputMaps;
    }

    int inputHeight() {
        return inputHeight;
    }

    int inputWidth() {
        return inputWidth;
    }

    int outputMaps() {
        return outputMaps;
    }

    int outputHeight() {
        return outputHeight;
    }

    int outputWidth() {
        return outputWidth;
    }

    /** The distance of maps in x. */
    int inputMap() {
        return inputHeight * inputWidth * lanes;
    }

    /** The distance of maps in y. */
    int outputMap() {
        return outputHeight * outputWidth * lanes;
    }

    /** The distance of output maps in w. */
    int weightsPitch() {
        return inputMaps * KERNEL * KERNEL;
    }

    /** Where each row of a window begins in x, map by map: the order of the rows of taps in w. */
    int[] windowRows() {
        return windowRows;
    }

    /** Where each row of taps of an input map begins in w, row by row, of each row every output map. */
    int[] weightRows() {
        return weightRows;
    }

    /** Where the output row that meets an input row under each of {@link #weightRows} lies in y, from that row's number on. */
    int[] gradientRows() {
        return gradientRows;
    }

    /** Every pixel of an output map. */
    Pixels pixels() {
        return pixels;
    }

    /** The first of each two neighbours. */
    Pixels pairs() {
        return pairs;
    }

    /** Those that are left where the width is odd. */
    Pixels unpaired() {
        return unpaired;
    }
}
