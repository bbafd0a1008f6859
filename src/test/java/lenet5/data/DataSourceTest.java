package lenet5.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import lenet5.data.synthetic.SyntheticDigits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSourceTest {

    private static final String UNREACHABLE =
            "MNIST could not be downloaded: 127.0.0.1: HTTP status 503; set MNIST_DIR or pass --data DIR";

    @TempDir
    Path directory;

    private final List<String> messages = new ArrayList<>();

    private Path writeTiny() throws IOException {
        for (MnistFile file : MnistFile.values()) {
            Files.write(directory.resolve(file.plainName()), TinyMnist.plain(file));
        }
        return directory;
    }

    /** Loads with one mirror that answers {@code status}. */
    private Splits load(String data, Map<String, String> environment, int status) throws IOException {
        try (TestServer mirror = new TestServer(exchange -> {
            if (status == 200) {
                String name = exchange.getRequestURI().getPath().substring(1);
                for (MnistFile file : MnistFile.values()) {
                    if (file.packedName().equals(name)) {
                        TestServer.send(exchange, TinyMnist.gzip(TinyMnist.plain(file)));
                    }
                }
            } else {
                exchange.sendResponseHeaders(status, -1);
            }
        })) {
            MnistMirrors mirrors = new MnistMirrors(
                    List.of(mirror.address()),
                    file -> TinyMnist.sha256(TinyMnist.plain(file)),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(5));
            MnistCache cache =
                    new MnistCache(directory.resolve("cache"), mirrors, (file, received, total) -> {}, messages::add);
            return new DataSource(environment, cache, () -> SyntheticDigits.splits(1, 30, 10, 20), messages::add)
                    .load(data);
        }
    }

    @Test
    void autoTakesTheVariableFirst() throws IOException {
        String tiny = writeTiny().toString();
        Splits splits = load("auto", Map.of("MNIST_DIR", tiny), 200);
        assertEquals("mnist", splits.name());
        assertEquals(TinyMnist.TEST, splits.test().count());
        assertEquals(List.of("data: MNIST from MNIST_DIR=" + tiny), messages);
        assertFalse(Files.exists(directory.resolve("cache")));
    }

    @Test
    void autoDownloadsThenUsesTheCache() throws IOException {
        assertEquals("mnist", load("auto", Map.of("MNIST_DIR", ""), 200).name());
        assertEquals("mnist", load("auto", Map.of(), 503).name());
        assertEquals(
                List.of("data: MNIST, downloaded", "data: MNIST from the cache " + directory.resolve("cache")),
                messages);
    }

    @Test
    void autoEndsWithSyntheticDigitsAndSaysWhy() throws IOException {
        Splits splits = load("auto", Map.of(), 503);
        assertEquals("synthetic", splits.name());
        assertEquals(30, splits.train().count());
        assertEquals(List.of("data: synthetic digits (" + UNREACHABLE + ")"), messages);
    }

    @Test
    void mnistNeverTurnsSynthetic() {
        assertEquals(
                UNREACHABLE,
                assertThrows(DataException.class, () -> load("mnist", Map.of(), 503))
                        .getMessage());
        assertEquals(List.of(), messages);
    }

    @Test
    void interruptIsNoReasonForSyntheticDigits() {
        Thread.currentThread().interrupt();
        DataException thrown = assertThrows(DataException.class, () -> load("auto", Map.of(), 200));
        assertEquals("interrupted while downloading MNIST", thrown.getMessage());
        assertTrue(Thread.interrupted());
        assertEquals(List.of(), messages);
    }

    @Test
    void mnistDownloads() throws IOException {
        assertEquals("mnist", load("mnist", Map.of(), 200).name());
    }

    @Test
    void unusableVariableIsAnErrorNotPassedOver() {
        for (String data : List.of("auto", "mnist")) {
            DataException thrown =
                    assertThrows(DataException.class, () -> load(data, Map.of("MNIST_DIR", directory.toString()), 200));
            String start = "MNIST_DIR: found neither " + directory.resolve("train-images-idx3-ubyte") + " nor ";
            assertTrue(thrown.getMessage().startsWith(start), thrown.getMessage());
        }
        assertEquals(List.of(), messages);
    }

    @Test
    void syntheticAsAsked() throws IOException {
        assertEquals(
                "synthetic",
                load("synthetic", Map.of("MNIST_DIR", "/nowhere"), 200).name());
        assertEquals(List.of("data: synthetic digits (as asked)"), messages);
    }

    @Test
    void directoryIsNamedAfterItself() throws IOException {
        String tiny = writeTiny().toString();
        Splits splits = load(tiny, Map.of("MNIST_DIR", "/nowhere"), 503);
        assertEquals(tiny, splits.name());
        assertEquals(List.of("data: " + tiny), messages);
    }

    @Test
    void missingDirectory() {
        String missing = directory.resolve("missing").toString();
        assertEquals(
                "data '" + missing + "': expected auto, mnist, synthetic or an existing directory",
                assertThrows(DataException.class, () -> load(missing, Map.of(), 200))
                        .getMessage());
    }

    @Test
    void publicSourceFindsItsCacheThroughTheEnvironment() throws IOException {
        Files.createDirectories(directory.resolve("mnist"));
        Files.write(directory.resolve("mnist").resolve(MnistFile.TEST_LABELS.packedName()), TinyMnist.labels(1));
        DataSource source = new DataSource(
                Map.of("LENET5_CACHE", directory.toString()),
                SyntheticDigits::splits,
                (file, received, total) -> {},
                line -> {
                    messages.add(line);
                    throw new DataException("seen enough");
                });
        assertThrows(DataException.class, () -> source.load("auto"));
        assertTrue(messages.get(0).contains(directory.resolve("mnist").toString()), messages.get(0));
    }
}
