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
    lanes;

    /** Groups an image where a device has no more units than images, but shares are asked for. */
    private static final int LEAST_SHARES = 4;

    /** Images from which on groups have several each. */
    private static final int LARGE_BATCH = 256;

    FusedVariant on(Device.Facts device, int batchSize) {
        int shares = device.computeUnits() / batchSize;
        return switch (this) {
            case images -> FusedVariant.images(device);
            case shares -> FusedVariant.shares(device, Math.max(LEAST_SHARES, shares));
            case tiles -> FusedVariant.tiles(device, batchSize);
            case lanes -> FusedVariant.lanes(device);
            case auto -> chosen(device, batchSize, shares).on(device, batchSize);
        };
    }

    private static Variant chosen(Device.Facts device, int batchSize, int shares) {
        if (device.type() == Device.Type.CPU) {
            return lanes;
        }
        return batchSize >= LARGE_BATCH ? tiles : shares > 1 ? Variant.shares : images;
    }
}
