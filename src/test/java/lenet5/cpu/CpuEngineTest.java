package lenet5.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.engine.Engine;
import lenet5.engine.Metrics;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import org.junit.jupiter.api.Test;

/** What the CPU engine promises beyond the contract of every engine. */
class CpuEngineTest {

    private static final int IMAGES = 150;

    private record Trained(float[] parameters, Metrics training, Metrics evaluation) {}

    @Test
    void resultsDoNotDependOnTheNumberOfThreads() {
        Trained one = train(1);
        for (int threads : new int[] {2, 3, 8}) {
            Trained many = train(threads);
            assertArrayEquals(one.parameters, many.parameters, threads + " threads");
            assertEquals(one.training, many.training);
            assertEquals(one.evaluation, many.evaluation);
        }
    }

    private static Trained train(int threads) {
        try (Engine engine = CpuEngines.withThreads(Models.lenet5(), new Settings(64, 0.05f), threads)) {
            SplittableRandom random = new SplittableRandom(5);
            byte[] pixels = new byte[IMAGES * 28 * 28];
            random.nextBytes(pixels);
            byte[] labels = new byte[IMAGES];
            for (int i = 0; i < IMAGES; i++) {
                labels[i] = (byte) random.nextInt(10);
            }
            engine.load(Initializer.glorotUniform(Models.lenet5(), 2));
            StagedData data = engine.stage(new LabeledImages(28, 28, pixels, labels), new Normalization(0.5f));
            Metrics training =
                    engine.trainEpoch(data, IntStream.range(0, IMAGES).toArray());
            return new Trained(engine.parameters().values(), training, engine.evaluate(data));
        }
    }

    @Test
    void aFailingWorkerFreesTheOthersAndIsReported() {
        try (Workers workers = new Workers(3)) {
            assertThrows(
                    IllegalStateException.class,
                    () -> workers.run(thread -> {
                        if (thread == 2) {
                            throw new IllegalArgumentException("as planned");
                        }
                        workers.await();
                    }));
            AtomicInteger met = new AtomicInteger();
            workers.run(thread -> {
                workers.await();
                met.incrementAndGet();
            });
            assertEquals(3, met.get(), "the workers work again");
        }
    }
}
