package lenet5.nn;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The extents of a dense row-major tensor, slowest axis first. Images are {@code [channels, height, width]}, a batch of
 * them {@code [images, channels, height, width]}.
 *
 * @param dimensions the extents, each at least 1
 */
public record Shape(List<Integer> dimensions) {

    /**
     * Checks that every extent is positive and that the element count fits an {@code int}.
     *
     * @throws IllegalArgumentException if it is not so
     */
    public Shape {
        dimensions = List.copyOf(dimensions);
        long size = 1;
        for (int extent : dimensions) {
            if (extent < 1) {
                throw new IllegalArgumentException("shape " + dimensions + ": every extent must be at least 1");
            }
            size *= extent;
            if (size > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("shape " + dimensions + ": more than 2^31-1 elements");
            }
        }
    }

    public static Shape of(int... dimensions) {
        return new Shape(Arrays.stream(dimensions).boxed().toList());
    }

    public int rank() {
        return dimensions.size();
    }

    /** The extent of axis {@code axis}, counted from the slowest. */
    public int extent(int axis) {
        return dimensions.get(axis);
    }

    /** The number of elements. */
    public int size() {
        return dimensions.stream().mapToInt(Integer::intValue).reduce(1, (a, b) -> a * b);
    }

    /** This shape under a new slowest axis: a batch of {@code count} such tensors. */
    public Shape batchOf(int count) {
        int[] extents = new int[rank() + 1];
        extents[0] = count;
        for (int axis = 0; axis < rank(); axis++) {
            extents[axis + 1] = extent(axis);
        }
        return of(extents);
    }

    /** This shape without its slowest axis: one item of the batch. */
    public Shape item() {
        return new Shape(dimensions.subList(1, rank()));
    }

    /** The usual notation, {@code 6@28x28} for maps and {@code 120} for vectors. */
    @Override
    public String toString() {
        if (rank() == 3) {
            return extent(0) + "@" + extent(1) + "x" + extent(2);
        }
        return dimensions.stream().map(String::valueOf).collect(Collectors.joining("x"));
    }
}
