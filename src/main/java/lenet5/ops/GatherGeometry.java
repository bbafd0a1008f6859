package lenet5.ops;

import lenet5.nn.Shape;

/**
 * The extents of a batch gather, taken from its tensors.
 *
 * @param capacity images the batch holds
 * @param height rows of a stored image
 * @param width columns of a stored image
 * @param padding zeros on each side in the batch
 */
public record GatherGeometry(int capacity, int height, int width, int padding) {

    /**
     * Checks the tensors against one another.
     *
     * @throws IllegalArgumentException naming the tensor that does not fit
     */
    public static GatherGeometry of(
            Tensor images, Tensor labels, Tensor order, Tensor batchImages, Tensor batchLabels) {
        String operation = "gather";
        Require.rank(operation, "images", images, ElementType.BYTE, 3);
        Require.rank(operation, "batchImages", batchImages, ElementType.FLOAT, 4);
        Shape stored = images.shape();
        int capacity = batchImages.shape().extent(0);
        int padding = (batchImages.shape().extent(2) - stored.extent(1)) / 2;
        GatherGeometry g = new GatherGeometry(capacity, stored.extent(1), stored.extent(2), padding);
        if (padding < 0) {
            throw Require.wrong(operation, "images", images, "images no larger than the batch's");
        }
        Require.shape(
                operation,
                "batchImages",
                batchImages,
                Shape.of(capacity, 1, g.height + 2 * padding, g.width + 2 * padding));
        Require.shape(operation, "labels", labels, ElementType.INT, Shape.of(stored.extent(0)));
        Require.rank(operation, "order", order, ElementType.INT, 1);
        Require.shape(operation, "batchLabels", batchLabels, ElementType.INT, Shape.of(capacity));
        return g;
    }

    public int paddedHeight() {
        return height + 2 * padding;
    }

    public int paddedWidth() {
        return width + 2 * padding;
    }

    /** A division and a subtraction a pixel; bytes in, floats out. */
    public Work work(int batch) {
        long pixels = (long) batch * paddedHeight() * paddedWidth();
        return new Work(2 * pixels, pixels * Float.BYTES + (long) batch * height * width);
    }
}
