package lenet5.ops;

/** The operation that makes a batch from a data set; see {@link Ops#gather}. */
@FunctionalInterface
public interface Gather {

    /** Gathers the images at positions {@code first} to {@code first + batch - 1} of the order. */
    void run(int first, int batch);
}
