package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import lenet5.data.DataException;
import org.junit.jupiter.api.Test;

class BackgroundTest {

    @Test
    void workGoesOnBesideTheCaller() {
        CountDownLatch caller = new CountDownLatch(1);
        try (Background<Integer> work = new Background<>("seven", () -> {
            caller.await();
            return 7;
        })) {
            caller.countDown();
            assertEquals(7, work.get());
        }
    }

    @Test
    void whatItThrowsReachesTheCaller() {
        try (Background<Integer> work = new Background<>("fault", () -> {
            throw new DataException("no such file", null);
        })) {
            assertEquals(
                    "no such file", assertThrows(DataException.class, work::get).getMessage());
        }
        try (Background<Integer> work = new Background<>("memory", () -> {
            throw new OutOfMemoryError("heap");
        })) {
            assertThrows(OutOfMemoryError.class, work::get);
        }
    }

    @Test
    void closingInterruptsItAndWaits() throws InterruptedException {
        CountDownLatch started = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        Background<Integer> work = new Background<>("endless", () -> {
            try {
                started.countDown();
                new CountDownLatch(1).await();
                return 0;
            } finally {
                ended.set(true);
            }
        });
        started.await();
        work.close();
        assertTrue(ended.get());
    }
}
