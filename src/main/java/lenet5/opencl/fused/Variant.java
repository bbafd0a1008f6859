package lenet5.opencl.fused;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lenet5.nn.Network;
import lenet5.opencl.Device;

/** The fused engine's ways to divide a batch over a device. */
public enum Variant {
    /** What suits the device and the batch. */
    auto,
    /** For GPUs: a work-group an image. Two launches a step. */
    images,
    /** For GPUs and batches of fewer images than the device has compute units: several work-groups an image. Three launches a step. */
    shares,
    /** For GPUs and large batches: a work-group several images. Five launches a step. */
    tiles,
    /** For CPUs: sixteen images a work-item. Two launches a step. */
    lanes,
    /** The work-groups of {@code images} or {@code lanes}, by device, wait for one another. One launch an epoch. */
    persistent;

    /** Groups an image where a device has no more units than images, but shares are asked for. */
    private static final int LEAST_SHARES = 4;

    /** Images a compute unit up to which several groups an image are fastest. */
    private static final double FEW_IMAGES = 0.5;

    /** Images a compute unit from which on several images a group are fastest. */
    private static final double MANY_IMAGES = 3;

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
            boolean several = FusedVariant.lanes(device).blocks(batchSize) > 1;
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

    /** Its step of {@code network}; empty if it needs another network or more local memory, see {@link #needs}. */
    Optional<StepPlan> plan(Network network, FusedVariant kernels) {
        return switch (this) {
            case shares -> SharesStep.of(network, kernels);
            case tiles -> TilesStep.of(network, kernels);
            case images, lanes, persistent -> Optional.of(ImagesStep.of(network, kernels));
            case auto -> throw new IllegalStateException("auto stands for other variants");
        };
    }

    /** What it takes of network and device. */
    String needs() {
        return switch (this) {
            case shares -> "a convolution of several maps before the dense layers, and about 48 KiB of local memory";
            case tiles -> "convolutions of few maps before dense layers, and about 48 KiB of local memory";
            default -> "any network";
        };
    }

    /** Whether its kernels are made for such devices; elsewhere they are correct, but slow or long to compile. */
    public boolean suits(Device.Facts device) {
        return switch (this) {
            case auto -> false;
            case lanes -> device.type() == Device.Type.CPU;
            case persistent -> GridBarrier.on(device).isPresent();
            default -> device.type() != Device.Type.CPU;
        };
    }

    FusedVariant on(Device.Facts device, int batchSize) {
        return switch (this) {
            case images -> FusedVariant.images(device);
            case shares -> FusedVariant.shares(device, Math.max(LEAST_SHARES, device.computeUnits() / batchSize));
            case tiles -> FusedVariant.tiles(device, batchSize);
            case lanes -> FusedVariant.lanes(device);
            case persistent -> (device.type() == Device.Type.CPU ? lanes : images).on(device, batchSize);
            case auto -> ladder(device, batchSize).get(0).on(device, batchSize);
        };
    }
}
