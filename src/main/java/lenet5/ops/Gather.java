package lenet5.ops;

/** The operation that makes a batch from a data set; see {@link Ops#gather}. */
@FunctionalInterface
public interface Gather extends AutoCloseable {

    /** Gathers the images at positions {@code first} to {@code first + batch - 1} of the order. */
    void run(int first, int batch);

    /** Frees what binding took; the tensors stay. The operation is of no use afterwards. */
    @Override
    default void close() {}
}
