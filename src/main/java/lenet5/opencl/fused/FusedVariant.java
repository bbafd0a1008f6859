package lenet5.opencl.fused;

import java.util.Map;
import java.util.stream.IntStream;
import lenet5.nn.Network.Stage;
import lenet5.nn.Shape;
import lenet5.opencl.Device;

/**
 * How the fused engine uses a device.
 *
 * @param kind the kernels
 * @param device what the device offers
 * @param knobs what the kernels are built with
 */
record FusedVariant(FusedKind kind, Device.Facts device, Knobs knobs) {

    /**
     * Checks the parameters.
     *
     * @throws IllegalArgumentException naming the one that breaks a {@link Constraint}
     */
    FusedVariant {
        Constraint.violation(kind, device, knobs).ifPresent(violation -> {
            throw new IllegalArgumentException(violation);
        });
    }

    /** One image a work-group, as much of it in local memory as the device has. */
    static FusedVariant images(Device.Facts device) {
        return new FusedVariant(FusedKind.gpu, device, ShippedKnobs.images(device));
    }

    /** {@code shares} work-groups an image, or fewer. */
    static FusedVariant shares(Device.Facts device, int shares) {
        return new FusedVariant(FusedKind.gpu, device, ShippedKnobs.shares(device, shares));
    }

    /** Several images a work-group. */
    static FusedVariant tiles(Device.Facts device, int batchSize) {
        return new FusedVariant(FusedKind.gpu, device, ShippedKnobs.tiles(device, batchSize));
    }

    /** Sixteen images a work-item, which is alone in its group. */
    static FusedVariant lanes(Device.Facts device) {
        return new FusedVariant(FusedKind.cpu, device, ShippedKnobs.lanes());
    }

    /** The same with other parameters. */
    FusedVariant with(Knobs other) {
        return new FusedVariant(kind, device, other);
    }

    /** The kind's name, as files are named by it. */
    String name() {
        return kind.name();
    }

    /** Images that a block runs through together. */
    int lanes() {
        return kind.lanes();
    }

    /** Local memory that a work-group may use. */
    int localFloats() {
        return kind.hasGroups() ? (int) Math.min(Integer.MAX_VALUE, device.localMemoryBytes() / Float.BYTES) : 0;
    }

    /** Work-items that share a block. */
    int group() {
        return knobs.get(Knob.GROUP);
    }

    /** Work-items of a group that updates weights. */
    int weightsGroup() {
        return knobs.get(Knob.WEIGHTS_GROUP);
    }

    /** Work-items that share an output of a dense layer. */
    int parts() {
        return knobs.get(Knob.PARTS);
    }

    /** Groups that share an image in training, at most. */
    int shares() {
        return knobs.get(Knob.SHARES);
    }

    /** The macros that the kernels are compiled with. */
    Map<String, Integer> defines() {
        return knobs.defines();
    }

    /** Whether a layer's functions may divide a sum among work-items; with lanes a work-item has its block to itself. */
    boolean sharesSums() {
        return lanes() == 1;
    }

    /** Blocks that hold {@code batch} images. */
    int blocks(int batch) {
        return ceilDiv(batch, lanes());
    }

    /** Groups that train or evaluate {@code batch} images; a work-item that is alone in its group takes blocks in turns. */
    int workers(int batch) {
        return kind.hasGroups() ? blocks(batch) : Math.min(device.computeUnits(), blocks(batch));
    }

    /** Work-items of these groups. */
    long workItems(int batch) {
        return (long) workers(batch) * group();
    }

    /** Maps that a work-item computes at once: fewer where that would leave most of the group without work. */
    int mapTile(Shape maps) {
        int pixels = maps.extent(1) * maps.extent(2) / pixelTile(maps);
        return IntStream.iterate(Math.min(knobs.get(Knob.MAX_MAPS), maps.extent(0)), tile -> tile > 1, tile -> tile - 1)
                .filter(tile -> maps.extent(0) % tile == 0)
                .filter(tile -> maps.extent(0) / tile * pixels >= group() / 8)
                .findFirst()
                .orElse(1);
    }

    int pixelTile(Shape maps) {
        return divisor(maps.extent(kind.pixelAxis()), knobs.get(Knob.MAX_PIXELS));
    }

    int outputTile(int outputs) {
        return divisor(outputs, knobs.get(Knob.MAX_OUTPUTS));
    }

    /** Work-groups that own the weights and biases of a convolution. */
    int convWeightGroups(Stage stage) {
        return ceilDiv(ceilDiv(stage.parameterCount(), kind.ownedInputs()), weightsGroup());
    }

    /** Work-groups that own the weights and biases of a dense layer. */
    int denseWeightGroups(Stage stage) {
        int outputs = stage.output().size();
        int inputsAndBias = stage.input().size() + 1;
        return ceilDiv(ceilDiv(inputsAndBias, kind.ownedInputs()) * (outputs / outputTile(outputs)), weightsGroup());
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
