package lenet5.opencl.fused.plan;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import lenet5.nn.Network.Placed;
import lenet5.nn.Shape;
import lenet5.opencl.Device;

/**
 * How the fused engine uses a device.
 *
 * @param family the kernels
 * @param device what the device offers
 * @param knobs what the kernels are built with
 */
public record Target(Family family, Device.Facts device, Knobs knobs) {

    /**
     * Checks the knobs.
     *
     * @throws IllegalArgumentException naming the one that is beyond its limit
     */
    public Target {
        knobs.violation(family, device).ifPresent(violation -> {
            throw new IllegalArgumentException(violation);
        });
    }

    /** With each of {@code knobs} lowered to what {@code device} allows. */
    public static Target fitting(Family family, Device.Facts device, Knobs knobs) {
        return new Target(family, device, knobs.fit(family, device));
    }

    /** The same with other knobs. */
    public Target with(Knobs other) {
        return new Target(family, device, other);
    }

    /** The file of the kernels themselves. */
    public String kernels() {
        return family.kernels();
    }

    /** The files of the layers' functions. */
    public List<String> layers() {
        return family.layers();
    }

    /** Images that a block runs through together. */
    public int lanes() {
        return family.lanes();
    }

    /** Local memory that a work-group may use. */
    public int localFloats() {
        return family.hasGroups() ? (int) Math.min(Integer.MAX_VALUE, device.localMemoryBytes() / Float.BYTES) : 0;
    }

    /** Work-items that share a block. */
    public int group() {
        return knobs.get(LayerKnobs.GROUP);
    }

    /** Work-items of a group that updates weights. */
    public int weightsGroup() {
        return knobs.get(LayerKnobs.WEIGHTS_GROUP);
    }

    /** Work-items that divide the sum of an output of a dense layer. */
    public int parts() {
        return knobs.get(LayerKnobs.PARTS);
    }

    /** The macros that the kernels are compiled with. */
    public Map<String, Integer> defines() {
        return knobs.defines();
    }

    /** Whether a layer's functions may divide a sum among work-items; with lanes a work-item has its block to itself. */
    public boolean dividesSums() {
        return lanes() == 1;
    }

    /** Blocks that hold {@code batch} images. */
    public int blocks(int batch) {
        return Extents.ceilDiv(batch, lanes());
    }

    /** Groups that train or evaluate {@code batch} images; a work-item that is alone in its group takes blocks in turns. */
    public int workers(int batch) {
        return family.hasGroups() ? blocks(batch) : Math.min(device.computeUnits(), blocks(batch));
    }

    /** Work-items of these groups. */
    public long workItems(int batch) {
        return (long) workers(batch) * group();
    }

    /** Maps that a work-item computes at once: fewer where that would leave most of the group without work. */
    public int mapTile(Shape maps) {
        int pixels = maps.extent(1) * maps.extent(2) / pixelTile(maps);
        return IntStream.iterate(
                        Math.min(knobs.get(LayerKnobs.MAX_MAPS), maps.extent(0)), tile -> tile > 1, tile -> tile - 1)
                .filter(tile -> maps.extent(0) % tile == 0)
                .filter(tile -> maps.extent(0) / tile * pixels >= group() / 8)
                .findFirst()
                .orElse(1);
    }

    public int pixelTile(Shape maps) {
        return Extents.divisor(maps.extent(family.pixelAxis()), knobs.get(LayerKnobs.MAX_PIXELS));
    }

    public int outputTile(int outputs) {
        return Extents.divisor(outputs, knobs.get(LayerKnobs.MAX_OUTPUTS));
    }

    /** Work-groups that own the weights and biases of a convolution. */
    public int convWeightGroups(Placed placed) {
        return Extents.ceilDiv(Extents.ceilDiv(placed.parameterCount(), family.ownedInputs()), weightsGroup());
    }

    /** Work-groups that own the weights and biases of a dense layer. */
    public int denseWeightGroups(Placed placed) {
        int outputs = placed.output().size();
        int inputsAndBias = placed.input().size() + 1;
        return Extents.ceilDiv(
                Extents.ceilDiv(inputsAndBias, family.ownedInputs()) * (outputs / outputTile(outputs)), weightsGroup());
    }
}
