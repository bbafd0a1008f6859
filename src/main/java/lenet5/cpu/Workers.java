package lenet5.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/** Long-lived threads that do a job together and meet at barriers in between; the caller is one of them. */
final class Workers implements AutoCloseable {

    /** Turns of spinning before a waiting thread offers its processor to others. */
    private static final int SPINS = 10_000;

    private final int threads;
    private final ExecutorService others;
    private final AtomicInteger arrived = new AtomicInteger();
    private volatile int round;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    Workers(int threads) {
        this.threads = threads;
        this.others = Executors.newFixedThreadPool(threads, job -> {
            Thread thread = new Thread(job, "lenet5-worker");
            thread.setDaemon(true);
            return thread;
        });
    }

    int threads() {
        return threads;
    }

    /**
     * Runs {@code job} once on each thread, told its number from 0, and returns when all have ended.
     *
     * @throws IllegalStateException with the first failure, if one failed
     */
    void run(IntConsumer job) {
        List<Future<?>> running = new ArrayList<>();
        for (int thread = 1; thread < threads; thread++) {
            int number = thread;
            running.add(others.submit(() -> runOne(job, number)));
        }
        runOne(job, 0);
        running.forEach(Workers::join);
        arrived.set(0);
        Throwable cause = failure.getAndSet(null);
        if (cause != null) {
            throw new IllegalStateException("a worker thread failed: " + cause.getMessage(), cause);
        }
    }

    /** A failure is kept for {@link #run} and frees those who wait for this thread. */
    private void runOne(IntConsumer job, int thread) {
        try {
            job.accept(thread);
        } catch (RuntimeException | Error e) {
            failure.compareAndSet(null, e);
        }
    }

    private static void join(Future<?> job) {
        try {
            job.get();
        } catch (ExecutionException | InterruptedException e) {
            throw new IllegalStateException("interrupted while waiting for worker threads", e);
        }
    }

    /** Waits until every thread has come here; what they wrote before is visible after. */
    void await() {
        int waitedFor = round;
        if (arrived.incrementAndGet() == threads) {
            arrived.set(0);
            round = waitedFor + 1;
            return;
        }
        for (int spin = 0; round == waitedFor; spin++) {
            if (failure.get() != null) {
                throw new IllegalStateException("another worker thread failed");
            }
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    @Override
    public void close() {
        others.shutdownNow();
    }
}
