package lenet5.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import lenet5.data.LabeledImages;

/** What staged data is made from and has to free, for engines: once, whatever was held last first. */
public abstract class StagedImages implements StagedData {

    private final LabeledImages images;
    private final Deque<Runnable> held = new ArrayDeque<>();
    private boolean closed;

    /** Holds nothing but {@code images} to begin with. */
    protected StagedImages(LabeledImages images) {
        this.images = images;
    }

    /** The images as they came. */
    protected final LabeledImages images() {
        return images;
    }

    /** Has {@code release} run when this is closed. */
    protected final void onClose(Runnable release) {
        held.push(release);
    }

    /**
     * Refuses use after the end.
     *
     * @throws IllegalStateException if this is closed
     */
    public final void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the staged data of " + count() + " images is closed");
        }
    }

    @Override
    public final int count() {
        return images.count();
    }

    @Override
    public final void close() {
        closed = true;
        while (!held.isEmpty()) {
            held.pop().run();
        }
    }
}
