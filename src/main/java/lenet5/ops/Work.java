package lenet5.ops;

/**
 * What one run of an operation has to do at the least: the yardstick of profiles and benchmarks.
 *
 * @param flops floating-point operations, a multiply-add counted as two
 * @param bytes memory traffic if every operand is moved once
 */
public record Work(long flops, long bytes) {

    static Work of(long flops, long floats) {
        return new Work(flops, floats * Float.BYTES);
    }

    /** The work of {@code count} such runs. */
    public Work times(long count) {
        return new Work(flops * count, bytes * count);
    }

    /** This work and {@code other}. */
    public Work plus(Work other) {
        return new Work(flops + other.flops, bytes + other.bytes);
    }

    /** One image of {@code output}: four multiply-adds in each polynomial, the product and the quotient. */
    public static Work tanhForward(Tensor output) {
        long size = output.shape().item().size();
        return of(19 * size, 2 * size);
    }

    /** One image of {@code output}: a square, a difference, a product. */
    public static Work tanhBackward(Tensor output) {
        long size = output.shape().item().size();
        return of(3 * size, 3 * size);
    }

    /** A multiply-add a parameter. */
    public static Work sgdUpdate(long parameters) {
        return of(2 * parameters, 3 * parameters);
    }
}
