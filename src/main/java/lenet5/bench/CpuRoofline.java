package lenet5.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The rates that plain Java loops reach on all processors at once. */
final class CpuRoofline {

    /** Floats a thread computes on: they stay in the first-level cache. */
    private static final int RESIDENT = 2048;

    /** Floats a thread copies: 64 MiB, more than its share of any cache. */
    private static final int STREAMED = 1 << 24;

    private static final int CHAIN = 16;
    private static final float FACTOR = 0.999f;
    private static final float TERM = 0.001f;

    private static final long WARM_UP_NANOSECONDS = 400_000_000;
    private static final long NANOSECONDS = 50_000_000;
    private static final int REPETITIONS = 5;

    /** One sweep over a thread's arrays. */
    @FunctionalInterface
    private interface Sweep {
        void run(float[] from, float[] to);
    }

    private CpuRoofline() {}

    static Floor measure() {
        double sweeps = Math.max(
                sweepsPerNanosecond(RESIDENT, CpuRoofline::fuse),
                sweepsPerNanosecond(RESIDENT, CpuRoofline::multiplyThenAdd));
        double copies = sweepsPerNanosecond(STREAMED, CpuRoofline::copy);
        return new Floor(sweeps * RESIDENT * CHAIN * 2, copies * STREAMED * Float.BYTES * 2);
    }

    /** All threads together. */
    private static double sweepsPerNanosecond(int length, Sweep sweep) {
        int threads = Runtime.getRuntime().availableProcessors();
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Double>> tasks = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                tasks.add(() -> rate(length, sweep));
            }
            double sum = 0;
            for (Future<Double> rate : pool.invokeAll(tasks)) {
                sum += rate.get();
            }
            return sum;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring the processor", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot measure the processor", e);
        } finally {
            pool.shutdownNow();
        }
    }

    private static double rate(int length, Sweep sweep) {
        float[] from = new float[length];
        float[] to = new float[length];
        timed(WARM_UP_NANOSECONDS, from, to, sweep);
        double best = 0;
        for (int i = 0; i < REPETITIONS; i++) {
            best = Math.max(best, timed(NANOSECONDS, from, to, sweep));
        }
        return best;
    }

    private static double timed(long nanoseconds, float[] from, float[] to, Sweep sweep) {
        long start = System.nanoTime();
        long sweeps = 0;
        long elapsed;
        do {
            sweep.run(from, to);
            sweeps++;
            elapsed = System.nanoTime() - start;
        } while (elapsed < nanoseconds);
        return (double) sweeps / elapsed;
    }

    /** CHAIN dependent steps an element, independent from element to element: the compiler vectorizes over elements. */
    private static void fuse(float[] from, float[] to) {
        for (int i = 0; i < RESIDENT; i++) {
            float v = from[i];
            v = Math.fma(Math.fma(Math.fma(Math.fma(v, FACTOR, TERM), FACTOR, TERM), FACTOR, TERM), FACTOR, TERM);
            v = Math.fma(Math.fma(Math.fma(Math.fma(v, FACTOR, TERM), FACTOR, TERM), FACTOR, TERM), FACTOR, TERM);
            v = Math.fma(Math.fma(Math.fma(Math.fma(v, FACTOR, TERM), FACTOR, TERM), FACTOR, TERM), FACTOR, TERM);
            v = Math.fma(Math.fma(Math.fma(Math.fma(v, FACTOR, TERM), FACTOR, TERM), FACTOR, TERM), FACTOR, TERM);
            to[i] = v;
        }
    }

    /** The same for processors without a fused instruction, where {@link Math#fma} is emulated. */
    private static void multiplyThenAdd(float[] from, float[] to) {
        for (int i = 0; i < RESIDENT; i++) {
            float v = from[i];
            v = (((v * FACTOR + TERM) * FACTOR + TERM) * FACTOR + TERM) * FACTOR + TERM;
            v = (((v * FACTOR + TERM) * FACTOR + TERM) * FACTOR + TERM) * FACTOR + TERM;
            v = (((v * FACTOR + TERM) * FACTOR + TERM) * FACTOR + TERM) * FACTOR + TERM;
            v = (((v * FACTOR + TERM) * FACTOR + TERM) * FACTOR + TERM) * FACTOR + TERM;
            to[i] = v;
        }
    }

    private static void copy(float[] from, float[] to) {
        System.arraycopy(from, 0, to, 0, STREAMED);
    }
}
