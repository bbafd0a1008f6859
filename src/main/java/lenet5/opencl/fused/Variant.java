package lenet5.opencl.fused;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.fused.images.ImagesDivision;
import lenet5.opencl.fused.lanes.LanesDivision;
import lenet5.opencl.fused.persistent.PersistentDivision;
import lenet5.opencl.fused.plan.Division;
import lenet5.opencl.fused.plan.StepPlan;
import lenet5.opencl.fused.plan.Target;
import lenet5.opencl.fused.shares.SharesDivision;
import lenet5.opencl.fused.tiles.TilesDivision;

/** The fused engine's ways to divide a batch over a device. */
public enum Variant {
    /** What suits the device and the batch. */
    auto(null),
    /** For GPUs: a work-group an image. Two launches a step. */
    images(new ImagesDivision()),
    /** For GPUs and batches of fewer images than the device has compute units: several work-groups an image. Three launches a step. */
    shares(new SharesDivision()),
    /** For GPUs and large batches: a work-group several images. Five launches a step. */
    tiles(new TilesDivision()),
    /** For CPUs: sixteen images a work-item. Two launches a step. */
    lanes(new LanesDivision()),
    /** The work-groups of {@code images} or {@code lanes}, by device, wait for one another. One launch an epoch. */
    persistent(new PersistentDivision());

    /** Images a compute unit up to which several groups an image are fastest. */
    private static final double FEW_IMAGES = 0.5;

    /** Images a compute unit from which on several images a group are fastest. */
    private static final double MANY_IMAGES = 3;

    private final Division division;

    Variant(Division division) {
        this.division = division;
    }

    /**
     * This variant or, of {@code auto}, all that could run, fastest first. The order of GPUs follows what an H100 took for
     * batches of 32 to 4,096 images, by images a compute unit; see native-notes.md.
     */
    List<Variant> ladder(Device.Facts device, int batchSize) {
        if (this != auto) {
            return List.of(this);
        }
        return fastestFirst(device, batchSize)
                .filter(variant -> variant != persistent || variant.suits(device))
                .toList();
    }

    private static Stream<Variant> fastestFirst(Device.Facts device, int batchSize) {
        if (device.type() == Device.Type.CPU) {
            boolean several = lanes.on(device, batchSize).blocks(batchSize) > 1;
            return several ? Stream.of(persistent, lanes) : Stream.of(lanes);
        }
        double imagesAUnit = (double) batchSize / device.computeUnits();
        if (imagesAUnit >= MANY_IMAGES) {
            return Stream.of(tiles, images, persistent, shares);
        } else if (imagesAUnit > 1) {
            return Stream.of(images, persistent, tiles, shares);
        } else if (imagesAUnit > FEW_IMAGES) {
            return Stream.of(persistent, images, shares, tiles);
        }
        return Stream.of(shares, images, persistent, tiles);
    }

    /** Whether its kernels are made for such devices; elsewhere they are correct, but slow or long to compile. */
    public boolean suits(Device.Facts device) {
        return this != auto && division.suits(device);
    }

    /** Its step of {@code network}; empty if it needs another network or more local memory, see {@link #needs}. */
    Optional<StepPlan> plan(Network network, Target target) {
        return division.plan(network, target);
    }

    /** What it takes of network and device. */
    String needs() {
        return division.needs();
    }

    /** Its kernels as this program comes with them; {@code auto}'s are those of the first rung. */
    Target on(Device.Facts device, int batchSize) {
        return this == auto
                ? ladder(device, batchSize).get(0).on(device, batchSize)
                : division.target(device, batchSize);
    }
}
