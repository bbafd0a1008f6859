package lenet5.opencl.fused.plan;

import java.util.stream.IntStream;

/** How an extent is cut into equal pieces. */
public final class Extents {

    private Extents() {}

    /** The largest divisor of {@code extent} up to {@code limit}. */
    public static int divisor(int extent, int limit) {
        return IntStream.rangeClosed(1, limit)
                .filter(divisor -> extent % divisor == 0)
                .max()
                .orElseThrow();
    }

    /** Pieces of {@code size} that cover {@code count}, the last perhaps not whole. */
    public static int ceilDiv(int count, int size) {
        return (count - 1) / size + 1;
    }
}
