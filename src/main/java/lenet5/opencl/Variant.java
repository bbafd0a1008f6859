package lenet5.opencl;

import java.util.Optional;

/** The fused engine's ways to divide a batch over a device. */
public enum Variant {
    /** What suits the device and the batch. */
    auto,
    /** For GPUs: a work-group an image. Two launches a step. */
    images,
    /** For GPUs and batches of fewer images than the device has compute units: several work-groups an image. Three launches a step. */
    shares,
    /** For CPUs: sixteen images a work-item. Two launches a step. */
    lanes,
    /** The work-groups of {@code images} or {@code lanes}, by device, wait for one another. One launch an epoch. */
    persistent;

    /** Groups an image where a device has no more units than images, but shares are asked for. */
    private static final int LEAST_SHARES = 4;

    FusedVariant on(Device.Facts device, int batchSize) {
        int shares = device.computeUnits() / batchSize;
        return switch (this) {
            case images -> FusedVariant.images(device);
            case shares -> FusedVariant.shares(device, Math.max(LEAST_SHARES, shares));
            case lanes -> FusedVariant.lanes(device);
            case persistent -> (device.type() == Device.Type.CPU ? lanes : images).on(device, batchSize);
            case auto ->
                (device.type() == Device.Type.CPU ? lanes : shares > 1 ? Variant.shares : images).on(device, batchSize);
        };
    }

    /** How the groups of one launch an epoch wait for one another, if that is wanted and known. */
    Optional<GridBarrier> barrier(Device.Facts device) {
        boolean wanted = this == persistent || this == auto && device.type() == Device.Type.CPU;
        return wanted ? GridBarrier.on(device) : Optional.empty();
    }
}
