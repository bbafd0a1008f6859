package lenet5.ops;

/** An operation bound to its tensors. Binding checks the shapes; running allocates nothing. */
@FunctionalInterface
public interface Operation {

    /**
     * Does the operation for the first {@code batch} images of its tensors, at most as many as they hold. A device may
     * still be at work when this returns; reading a result waits for it.
     */
    void run(int batch);
}
