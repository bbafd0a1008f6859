package lenet5.opencl;

import java.util.Map;
import java.util.stream.IntStream;
import lenet5.nn.Network.Stage;

/**
 * What kernels of one kind are built with. Kind NAME is written in {@code kernels/fused_NAME.cl} and
 * {@code fused_NAME_layers.cl}; the functions of all kinds take the same arguments.
 *
 * @param name the kind
 * @param lanes images that a block runs through together, one beside the other: a value is {@code [features, lanes]}
 * @param localFloats local memory that a work-group may use
 * @param group work-items that share a block
 * @param weightsGroup work-items of a group that updates weights
 * @param maxMaps maps that a work-item of a convolution computes at once, at most
 * @param maxRows pixels below one another that it computes at once, at most
 * @param maxOutputs weights of one input that a work-item owns, at most
 * @param parts work-items that share an output of a dense layer
 */
record FusedVariant(
        String name,
        int lanes,
        int localFloats,
        int group,
        int weightsGroup,
        int maxMaps,
        int maxRows,
        int maxOutputs,
        int parts) {

    /** One image a work-group, as much of it in local memory as the device has. */
    static FusedVariant gpu(Device.Facts device) {
        int localFloats = (int) Math.min(Integer.MAX_VALUE, device.localMemoryBytes() / Float.BYTES);
        int most = (int) Math.min(Integer.MAX_VALUE, device.maxWorkGroupSize());
        return new FusedVariant("gpu", 1, localFloats, Math.min(256, most), Math.min(64, most), 2, 7, 4, 8);
    }

    /** The macros that the kernels are compiled with. */
    Map<String, Integer> defines() {
        return Map.of(
                "GROUP", group,
                "WEIGHTS_GROUP", weightsGroup,
                "MAX_MAPS", maxMaps,
                "MAX_ROWS", maxRows,
                "MAX_OUTPUTS", maxOutputs);
    }

    /** Blocks that hold {@code batch} images. */
    int blocks(int batch) {
        return ceilDiv(batch, lanes);
    }

    int mapTile(int maps) {
        return divisor(maps, maxMaps);
    }

    int rowTile(int rows) {
        return divisor(rows, maxRows);
    }

    int outputTile(int outputs) {
        return divisor(outputs, maxOutputs);
    }

    /** Work-groups that own the weights of a convolution, one weight or bias a work-item. */
    int convWeightGroups(Stage stage) {
        return ceilDiv(stage.parameterCount(), weightsGroup);
    }

    /** Work-groups that own the weights of a dense layer, {@link #outputTile} of an input or of the bias a work-item. */
    int denseWeightGroups(Stage stage) {
        int outputs = stage.output().size();
        return ceilDiv((stage.input().size() + 1) * (outputs / outputTile(outputs)), weightsGroup);
    }

    /** The largest divisor of {@code extent} up to {@code limit}. */
    static int divisor(int extent, int limit) {
        return IntStream.rangeClosed(1, limit)
                .filter(divisor -> extent % divisor == 0)
                .max()
                .orElseThrow();
    }

    private static int ceilDiv(int count, int size) {
        return (count + size - 1) / size;
    }
}
