package lenet5.ops;

/** The operation that draws a data set's images afresh; see {@link Ops#augment}. */
@FunctionalInterface
public interface Augment {

    /** Draws every image from the one that was stored; {@code key} decides how. */
    void run(int key);
}
