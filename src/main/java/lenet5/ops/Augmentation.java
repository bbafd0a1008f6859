package lenet5.ops;

import java.util.SplittableRandom;

/**
 * The definition of {@link Ops#augment}: how an image is shifted, turned, stretched, slanted and bent. Everything is
 * computed in integers, fractions as multiples of 2^-15, so that every place draws the same bytes. Where an output pixel
 * comes from is an affine map about the centre plus a displacement, which is random at the corners of square cells and
 * bilinear in them; the bytes there are interpolated bilinearly, with zeros outside.
 *
 * @param height rows of an image
 * @param width pixels of a row
 */
public record Augmentation(int height, int width) {

    /** Bits of a fraction. */
    public static final int FRACTION = 15;

    private static final int ONE = 1 << FRACTION;

    /** The largest angle, in radians. */
    public static final int TURN = fixed(0.2);

    /** The largest change of height and of width. */
    public static final int STRETCH = fixed(0.12);

    /** The largest slant, columns a row. */
    public static final int SLANT = fixed(0.15);

    /** The largest shift along each axis, in pixels. */
    public static final int SHIFT = fixed(1.2);

    /** The largest displacement of a cell's corner along each axis, in pixels. */
    public static final int BEND = fixed(1.2);

    /** The binary logarithm of a cell's side. */
    public static final int CELL_BITS = 3;

    private static final int CELL = 1 << CELL_BITS;

    /** Bits of a position between two pixels when bytes are interpolated. */
    private static final int BLEND = 8;

    /** The weights of a hash's successive numbers: 2^32 over the golden ratio. */
    private static final int GOLDEN = 0x9e3779b9;

    private static int fixed(double value) {
        return (int) Math.round(value * ONE);
    }

    /**
     * For images of the tensors' size.
     *
     * @throws IllegalArgumentException naming the tensor that does not fit
     */
    public static Augmentation of(Tensor images, Tensor augmented) {
        Require.rank("augment", "images", images, ElementType.BYTE, 3);
        Require.shape("augment", "augmented", augmented, ElementType.BYTE, images.shape());
        return new Augmentation(images.shape().extent(1), images.shape().extent(2));
    }

    /** The key of an epoch; those of other epochs and of other seeds have nothing to do with it. */
    public static int key(long seed, int epoch) {
        return new SplittableRandom(new SplittableRandom(~seed).nextLong() ^ epoch).nextInt();
    }

    /** A hash of an image's key, or of a number drawn for an image (MurmurHash3's finalizer). */
    private static int mix(int key, int index) {
        int x = key + index * GOLDEN;
        x = (x ^ x >>> 16) * 0x85ebca6b;
        x = (x ^ x >>> 13) * 0xc2b2ae35;
        return x ^ x >>> 16;
    }

    /** A number from {@code -range} to {@code range}. */
    private static int random(int key, int index, int range) {
        return (mix(key, index) >> 16) * range >> FRACTION;
    }

    private static int product(int a, int b) {
        return a * b >> FRACTION;
    }

    /**
     * Draws one image.
     *
     * @param images bytes {@code [count, height, width]} from element {@code at} on
     * @param image the image's index
     * @param key of the epoch
     * @param augmented bytes {@code [count, height, width]} from element {@code augmentedAt} on; only this image is written
     */
    public void draw(byte[] images, int at, int image, int key, byte[] augmented, int augmentedAt) {
        int own = mix(key, image);
        int turn = random(own, 0, TURN);
        int cosine = ONE - (turn * turn >> FRACTION + 1);
        int stretchX = ONE + random(own, 1, STRETCH);
        int stretchY = ONE + random(own, 2, STRETCH);
        int xx = product(stretchX, cosine);
        int xy = product(stretchX, random(own, 3, SLANT) - turn);
        int yx = product(stretchY, turn);
        int yy = product(stretchY, cosine);
        int centreX = ((width - 1) << FRACTION - 1) + random(own, 4, SHIFT);
        int centreY = ((height - 1) << FRACTION - 1) + random(own, 5, SHIFT);
        int[] cornersX = corners(own, 0);
        int[] cornersY = corners(own, 1);
        int[] bendX = new int[cornersAcross()];
        int[] bendY = new int[cornersAcross()];
        int from = at + image * height * width;
        int to = augmentedAt + image * height * width;
        for (int row = 0; row < height; row++) {
            bend(cornersX, row, bendX);
            bend(cornersY, row, bendY);
            int twiceY = 2 * row - (height - 1);
            for (int column = 0; column < width; column++) {
                int twiceX = 2 * column - (width - 1);
                int x = (xx * twiceX + xy * twiceY >> 1) + centreX + between(bendX, column);
                int y = (yx * twiceX + yy * twiceY >> 1) + centreY + between(bendY, column);
                augmented[to++] = (byte) sample(images, from, x, y);
            }
        }
    }

    private int cornersAcross() {
        return (width - 1 >> CELL_BITS) + 2;
    }

    /** The displacements along {@code axis} of the cells' corners. */
    private int[] corners(int own, int axis) {
        int[] corners = new int[cornersAcross() * ((height - 1 >> CELL_BITS) + 2)];
        for (int i = 0; i < corners.length; i++) {
            corners[i] = random(own, 6 + 2 * i + axis, BEND);
        }
        return corners;
    }

    /** The displacements at the cells' sides in {@code row}, times a cell's side. */
    private static void bend(int[] corners, int row, int[] bend) {
        int above = (row >> CELL_BITS) * bend.length;
        int below = row & CELL - 1;
        for (int i = 0; i < bend.length; i++) {
            bend[i] = corners[above + i] * (CELL - below) + corners[above + bend.length + i] * below;
        }
    }

    private static int between(int[] bend, int column) {
        int right = column & CELL - 1;
        int cell = column >> CELL_BITS;
        return bend[cell] * (CELL - right) + bend[cell + 1] * right >> 2 * CELL_BITS;
    }

    /** The image that starts at {@code from}, at a point. */
    private int sample(byte[] images, int from, int x, int y) {
        int fineX = x + (1 << FRACTION - BLEND - 1) >> FRACTION - BLEND;
        int fineY = y + (1 << FRACTION - BLEND - 1) >> FRACTION - BLEND;
        int column = fineX >> BLEND;
        int row = fineY >> BLEND;
        int right = fineX & (1 << BLEND) - 1;
        int below = fineY & (1 << BLEND) - 1;
        if (column >= 0 && column < width - 1 && row >= 0 && row < height - 1) {
            int at = from + row * width + column;
            return blend(
                    Byte.toUnsignedInt(images[at]),
                    Byte.toUnsignedInt(images[at + 1]),
                    Byte.toUnsignedInt(images[at + width]),
                    Byte.toUnsignedInt(images[at + width + 1]),
                    right,
                    below);
        }
        return blend(
                pixel(images, from, row, column),
                pixel(images, from, row, column + 1),
                pixel(images, from, row + 1, column),
                pixel(images, from, row + 1, column + 1),
                right,
                below);
    }

    private static int blend(int upperLeft, int upperRight, int lowerLeft, int lowerRight, int right, int below) {
        int one = 1 << BLEND;
        int upper = upperLeft * (one - right) + upperRight * right;
        int lower = lowerLeft * (one - right) + lowerRight * right;
        return upper * (one - below) + lower * below + (1 << 2 * BLEND - 1) >> 2 * BLEND;
    }

    private int pixel(byte[] images, int from, int row, int column) {
        boolean inside = row >= 0 && row < height && column >= 0 && column < width;
        return inside ? Byte.toUnsignedInt(images[from + row * width + column]) : 0;
    }

    /** One image read, one written; its integer arithmetic is not counted. */
    public Work work(int images) {
        return new Work(0, 2L * images * height * width);
    }
}
