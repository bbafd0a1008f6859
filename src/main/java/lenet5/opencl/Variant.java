package lenet5.opencl;

/** The fused engine's ways to divide a batch over a device. */
public enum Variant {
    /** What suits the device and the batch. */
    auto,
    /** For GPUs: a work-group an image. Two launches a step. */
    images,
    /** For GPUs and batches of fewer images than the device has compute units: several work-groups an image. Three launches a step. */
    shares,
    /** For CPUs: sixteen images a work-item. Two launches a step. */
    lanes;

    /** Groups an image where a device has no more units than images, but shares are asked for. */
    private static final int LEAST_SHARES = 4;

    /** The variant that {@code auto} stands for, else this one. */
    Variant suited(Device.Facts device, int batchSize) {
        if (this != auto) {
            return this;
        }
        return device.type() == Device.Type.CPU ? lanes : device.computeUnits() / batchSize > 1 ? shares : images;
    }

    /** Whether its kernels are made for such devices; elsewhere they are correct, but slow or long to compile. */
    boolean suits(Device.Facts device) {
        return this != auto && (this == lanes) == (device.type() == Device.Type.CPU);
    }

    FusedVariant on(Device.Facts device, int batchSize) {
        return switch (this) {
            case images -> FusedVariant.images(device);
            case shares -> FusedVariant.shares(device, Math.max(LEAST_SHARES, device.computeUnits() / batchSize));
            case lanes -> FusedVariant.lanes(device);
            case auto -> suited(device, batchSize).on(device, batchSize);
        };
    }
}
