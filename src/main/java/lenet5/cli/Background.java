package lenet5.cli;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A result that is worked out on a thread of its own, while this one does something else. */
final class Background<T> implements AutoCloseable {

    private final FutureTask<T> task;
    private final Thread thread;

    /** Starts {@code work}, which throws nothing that is checked. */
    Background(String name, Callable<T> work) {
        task = new FutureTask<>(work);
        thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits for the result; what the work threw is thrown here. */
    T get() {
        try {
            return task.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        } catch (InterruptedException e) {
            throw new IllegalStateException(thread.getName() + " was interrupted", e);
        }
    }

    /** Interrupts the work if it is not done, and waits for its end: nothing is written behind its back. */
    @Override
    public void close() {
        task.cancel(true);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
