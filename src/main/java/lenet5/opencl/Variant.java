package lenet5.opencl;

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

    /** Images from which on groups have several each. */
    private static final int LARGE_BATCH = 256;

    /** The variant that {@code auto} stands for, else this one. */
    Variant suited(Device.Facts device, int batchSize) {
        if (this != auto) {
            return this;
        }
        if (device.type() == Device.Type.CPU) {
            boolean several = FusedVariant.lanes(device).blocks(batchSize) > 1;
            return several && persistent.suits(device) ? persistent : lanes;
        }
        return batchSize >= LARGE_BATCH ? tiles : device.computeUnits() / batchSize > 1 ? shares : images;
    }

    /** Whether its kernels are made for such devices; elsewhere they are correct, but slow or long to compile. */
    boolean suits(Device.Facts device) {
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
            case auto -> suited(device, batchSize).on(device, batchSize);
        };
    }
}
