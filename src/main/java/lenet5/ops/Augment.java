package lenet5.ops;

/** The operation that draws a data set's images afresh; see {@link Ops#augment}. */
@FunctionalInterface
public interface Augment extends AutoCloseable {

    /** Draws every image from the one that was stored; {@code key} decides how. */
    void run(int key);

    /** Frees what binding took; the tensors stay. The operation is of no use afterwards. */
    @Override
    default void close() {}
}
