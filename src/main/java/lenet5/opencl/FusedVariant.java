package lenet5.opencl;

import java.util.Map;
import java.util.stream.IntStream;
import lenet5.nn.Network.Stage;
import lenet5.nn.Shape;

/**
 * What kernels of one kind are built with. Kind NAME is written in {@code kernels/fused_NAME.cl} and
 * {@code fused_NAME_layers.cl}; the functions of all kinds take the same arguments.
 *
 * @param name the kind
 * @param lanes images that a block runs through together, one beside the other: a value is {@code [features, lanes]}
 * @param workers groups that train or evaluate a batch, at most; each takes blocks in turns
 * @param localFloats local memory that a work-group may use
 * @param group work-items that share a block
 * @param weightsGroup work-items of a group that updates weights
 * @param maxMaps maps that a work-item of a convolution computes at once, at most
 * @param pixelAxis where the pixels lie that it computes at once: 1 for below one another, 2 for side by side
 * @param maxPixels how many these are, at most
 * @param maxOutputs weights of one input that a work-item owns, at most
 * @param maxInputs weights of one output that it owns, at most
 * @param parts work-items that share an output of a dense layer
 * @param shares groups that share an image in training, at most
 */
record FusedVariant(
        String name,
        int lanes,
        int workers,
        int localFloats,
        int group,
        int weightsGroup,
        int maxMaps,
        int pixelAxis,
        int maxPixels,
        int maxOutputs,
        int maxInputs,
        int parts,
        int shares) {

    /** One image a work-group, as much of it in local memory as the device has. */
    static FusedVariant images(Device.Facts device) {
        return gpu(device, 256, 8, 1);
    }

    /** {@code shares} work-groups an image, or fewer; few groups, so each is large. */
    static FusedVariant shares(Device.Facts device, int shares) {
        return gpu(device, 512, 16, shares);
    }

    private static FusedVariant gpu(Device.Facts device, int group, int parts, int shares) {
        int localFloats = (int) Math.min(Integer.MAX_VALUE, device.localMemoryBytes() / Float.BYTES);
        int most = (int) Math.min(Integer.MAX_VALUE, device.maxWorkGroupSize());
        return new FusedVariant(
                "gpu",
                1,
                Integer.MAX_VALUE,
                localFloats,
                Math.min(group, most),
                Math.min(64, most),
                2,
                1,
                7,
                4,
                1,
                parts,
                shares);
    }

    /** Sixteen images a work-item, which is alone in its group; sizes are those that stay in 32 registers. */
    static FusedVariant lanes(Device.Facts device) {
        return new FusedVariant("cpu", 16, device.computeUnits(), 0, 1, 1, 4, 2, 7, 4, Integer.MAX_VALUE, 1, 1);
    }

    /** The same with one group an image. */
    FusedVariant wholeImages() {
        return new FusedVariant(
                name,
                lanes,
                workers,
                localFloats,
                group,
                weightsGroup,
                maxMaps,
                pixelAxis,
                maxPixels,
                maxOutputs,
                maxInputs,
                parts,
                1);
    }

    /** The macros that the kernels are compiled with. */
    Map<String, Integer> defines() {
        return Map.of(
                "GROUP", group,
                "WEIGHTS_GROUP", weightsGroup,
                "MAX_MAPS", maxMaps,
                "MAX_PIXELS", maxPixels,
                "MAX_OUTPUTS", maxOutputs);
    }

    /** Whether a layer's functions may divide a sum among work-items; with lanes a work-item has its block to itself. */
    boolean sharesSums() {
        return lanes == 1;
    }

    /** Blocks that hold {@code batch} images. */
    int blocks(int batch) {
        return ceilDiv(batch, lanes);
    }

    /** Groups that train or evaluate {@code batch} images. */
    int workers(int batch) {
        return Math.min(workers, blocks(batch));
    }

    /** Maps that a work-item computes at once: fewer where that would leave most of the group without work. */
    int mapTile(Shape maps) {
        int pixels = maps.extent(1) * maps.extent(2) / pixelTile(maps);
        return IntStream.iterate(Math.min(maxMaps, maps.extent(0)), tile -> tile > 1, tile -> tile - 1)
                .filter(tile -> maps.extent(0) % tile == 0)
                .filter(tile -> maps.extent(0) / tile * pixels >= group / 8)
                .findFirst()
                .orElse(1);
    }

    int pixelTile(Shape maps) {
        return divisor(maps.extent(pixelAxis), maxPixels);
    }

    int outputTile(int outputs) {
        return divisor(outputs, maxOutputs);
    }

    /** Work-groups that own the weights and biases of a convolution. */
    int convWeightGroups(Stage stage) {
        return ceilDiv(ceilDiv(stage.parameterCount(), maxInputs), weightsGroup);
    }

    /** Work-groups that own the weights and biases of a dense layer. */
    int denseWeightGroups(Stage stage) {
        int outputs = stage.output().size();
        int inputsAndBias = stage.input().size() + 1;
        return ceilDiv(ceilDiv(inputsAndBias, maxInputs) * (outputs / outputTile(outputs)), weightsGroup);
    }

    /** The largest divisor of {@code extent} up to {@code limit}. */
    static int divisor(int extent, int limit) {
        return IntStream.rangeClosed(1, limit)
                .filter(divisor -> extent % divisor == 0)
                .max()
                .orElseThrow();
    }

    private static int ceilDiv(int count, int size) {
        return (count - 1) / size + 1;
    }
}
