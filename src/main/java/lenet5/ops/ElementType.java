package lenet5.ops;

/** What a {@link Tensor} holds. */
public enum ElementType {
    /** 32-bit floating point. */
    FLOAT(Float.BYTES),
    /** 32-bit signed integers: labels, orders, counts. */
    INT(Integer.BYTES),
    /** Unsigned bytes: the pixels of a data set. */
    BYTE(Byte.BYTES);

    private final int bytes;

    ElementType(int bytes) {
        this.bytes = bytes;
    }

    /** The size of one element. */
    public int bytes() {
        return bytes;
    }
}
