package lenet5.engines;

/** The engines by name. */
public enum Kind {
    /** The fused one on OpenCL, else the layered one; simd on the CPU. */
    auto,
    /** Plain loops in Java: the definition. */
    reference,
    /** The fast one in Java. */
    simd,
    /** OpenCL, one launch an operation. */
    layered,
    /** OpenCL, one launch an epoch, or a few a step. */
    fused;

    /** Whether it runs in Java alone. */
    public boolean isCpu() {
        return this == reference || this == simd;
    }

    /** Whether it needs an OpenCL device. */
    public boolean isOpenCl() {
        return this == layered || this == fused;
    }
}
