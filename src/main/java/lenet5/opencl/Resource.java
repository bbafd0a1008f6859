package lenet5.opencl;

/** The one owner of an OpenCL handle: releases it once, however often it is closed, and refuses later use. */
public abstract class Resource implements AutoCloseable {

    private boolean closed;

    Resource() {}

    /** Throws if the handle is gone. */
    final void requireOpen() {
        if (closed) {
            throw new IllegalStateException(this + " is closed");
        }
    }

    @Override
    public final void close() {
        if (!closed) {
            closed = true;
            release();
        }
    }

    /** Gives the handle back to the driver; called once. */
    abstract void release();
}
