package lenet5.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MnistCacheTest {

    private static final List<String> NAMES = List.of(
            "t10k-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte.gz",
            "train-images-idx3-ubyte.gz",
            "train-labels-idx1-ubyte.gz");
    private static final List<String> PATHS = Arrays.stream(MnistFile.values())
            .map(file -> "/" + file.packedName())
            .toList();

    @TempDir
    Path parent;

    private Path directory;
    private final List<String> messages = new ArrayList<>();
    private final List<String> reported = new ArrayList<>();
    private final List<TestServer> servers = new ArrayList<>();

    @BeforeEach
    void nameDirectory() {
        directory = parent.resolve("lenet5/mnist");
    }

    @AfterEach
    void stop() {
        servers.forEach(TestServer::close);
    }

    private TestServer server(HttpHandler handler) throws IOException {
        TestServer server = new TestServer(handler);
        servers.add(server);
        return server;
    }

    private MnistCache cache(TestServer... mirrors) {
        List<URI> addresses = Stream.of(mirrors).map(TestServer::address).toList();
        return new MnistCache(
                directory,
                new MnistMirrors(
                        addresses,
                        file -> TinyMnist.sha256(TinyMnist.plain(file)),
                        Duration.ofSeconds(5),
                        Duration.ofMillis(300)),
                (file, received, total) -> reported.add(file + " " + received + "/" + total),
                messages::add);
    }

    private static void serve(HttpExchange exchange) throws IOException {
        TestServer.send(exchange, packed(asked(exchange)));
    }

    private static MnistFile asked(HttpExchange exchange) {
        String path = exchange.getRequestURI().getPath();
        return MnistFile.values()[PATHS.indexOf(path)];
    }

    private static byte[] packed(MnistFile file) {
        return TinyMnist.gzip(TinyMnist.plain(file));
    }

    private List<String> kept() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private void assertTiny(Splits splits) {
        assertEquals("mnist", splits.name());
        assertEquals(TinyMnist.TRAIN - TinyMnist.VALIDATION, splits.train().count());
        assertEquals(TinyMnist.VALIDATION, splits.validation().count());
        assertEquals(TinyMnist.TEST, splits.test().count());
    }

    @Test
    void downloadsAndKeepsAllFour() throws Exception {
        TestServer mirror = server(MnistCacheTest::serve);
        assertTiny(cache(mirror).splits());
        assertEquals(PATHS, mirror.requests());
        assertEquals(NAMES, kept());
        assertEquals(List.of("data: MNIST, downloaded"), messages);
        int size = packed(MnistFile.TRAIN_IMAGES).length;
        assertTrue(reported.contains("train-images-idx3-ubyte.gz " + size + "/" + size), reported.toString());
    }

    @Test
    void secondUseNeedsNoMirror() throws Exception {
        cache(server(MnistCacheTest::serve)).splits();
        messages.clear();
        TestServer unused = server(MnistCacheTest::serve);
        assertTiny(cache(unused).splits());
        assertEquals(List.of(), unused.requests());
        assertEquals(List.of("data: MNIST from the cache " + directory), messages);
    }

    @Test
    void onlyMissingFilesAreDownloaded() throws Exception {
        cache(server(MnistCacheTest::serve)).splits();
        Files.delete(directory.resolve(MnistFile.TEST_LABELS.packedName()));
        TestServer mirror = server(MnistCacheTest::serve);
        assertTiny(cache(mirror).splits());
        assertEquals(List.of("/t10k-labels-idx1-ubyte.gz"), mirror.requests());
    }

    @Test
    void keptFileWithWrongHashIsReplaced() throws Exception {
        cache(server(MnistCacheTest::serve)).splits();
        messages.clear();
        Path damaged = directory.resolve(MnistFile.TRAIN_LABELS.packedName());
        byte[] wrong = TinyMnist.labels(TinyMnist.TRAIN);
        wrong[wrong.length - 1] = 9;
        Files.write(damaged, TinyMnist.gzip(wrong));
        TestServer mirror = server(MnistCacheTest::serve);
        assertTiny(cache(mirror).splits());
        assertEquals(List.of("/train-labels-idx1-ubyte.gz"), mirror.requests());
        assertEquals(
                "data: downloading a damaged file again: " + damaged + ": SHA-256 is " + TinyMnist.sha256(wrong)
                        + ", expected " + TinyMnist.sha256(TinyMnist.plain(MnistFile.TRAIN_LABELS)),
                messages.get(0));
        assertArrayEquals(packed(MnistFile.TRAIN_LABELS), Files.readAllBytes(damaged));
        assertEquals(NAMES, kept());
    }

    @Test
    void truncatedKeptFileIsReplaced() throws Exception {
        cache(server(MnistCacheTest::serve)).splits();
        Path damaged = directory.resolve(MnistFile.TEST_IMAGES.packedName());
        Files.write(damaged, Arrays.copyOf(Files.readAllBytes(damaged), 20));
        assertTiny(cache(server(MnistCacheTest::serve)).splits());
        assertArrayEquals(packed(MnistFile.TEST_IMAGES), Files.readAllBytes(damaged));
    }

    /** Every way to fail makes the second mirror take over, and the first is not asked again. */
    private void assertSecondMirrorTakesOver(HttpHandler bad) throws Exception {
        TestServer first = server(bad);
        TestServer second = server(MnistCacheTest::serve);
        assertTiny(cache(first, second).splits());
        assertEquals(PATHS.subList(0, 1), first.requests());
        assertEquals(PATHS, second.requests());
        assertEquals(NAMES, kept());
    }

    @Test
    void secondMirrorTakesOverFromOneWithoutTheFile() throws Exception {
        assertSecondMirrorTakesOver(exchange -> exchange.sendResponseHeaders(404, -1));
    }

    @Test
    void secondMirrorTakesOverFromOneThatStalls() throws Exception {
        assertSecondMirrorTakesOver(exchange -> servers.get(0).stall(exchange, packed(asked(exchange))));
    }

    @Test
    void secondMirrorTakesOverFromOneThatTruncates() throws Exception {
        assertSecondMirrorTakesOver(exchange -> TestServer.send(exchange, Arrays.copyOf(packed(asked(exchange)), 30)));
    }

    @Test
    void secondMirrorTakesOverFromOneThatCorrupts() throws Exception {
        assertSecondMirrorTakesOver(exchange -> {
            byte[] wrong = TinyMnist.plain(asked(exchange));
            wrong[wrong.length - 1]++;
            TestServer.send(exchange, TinyMnist.gzip(wrong));
        });
    }

    @Test
    void everyMirrorsReasonIsGiven() throws Exception {
        TestServer missing = server(exchange -> exchange.sendResponseHeaders(404, -1));
        TestServer portal = server(exchange -> TestServer.send(exchange, "<html>Please log in</html>".getBytes()));
        IOException thrown =
                assertThrows(IOException.class, () -> cache(missing, portal).splits());
        assertEquals(
                "127.0.0.1: HTTP status 404; 127.0.0.1: train-images-idx3-ubyte.gz: starts with 0x3c68746d, "
                        + "expected 0x00000803 (IDX, unsigned bytes, 3 dimensions: images)",
                thrown.getMessage());
        assertEquals(List.of(), messages);
        assertFalse(Files.exists(directory));
    }

    @Test
    void failureKeepsTheFilesThatCame() throws Exception {
        TestServer mirror = server(exchange -> {
            if (asked(exchange) == MnistFile.TEST_IMAGES) {
                exchange.sendResponseHeaders(500, -1);
            } else {
                serve(exchange);
            }
        });
        assertThrows(IOException.class, () -> cache(mirror).splits());
        assertEquals(List.of("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"), kept());
    }

    @Test
    void cacheThatCannotBeWrittenIsNoFailure() throws Exception {
        Files.write(parent.resolve("lenet5"), new byte[0]);
        assertTiny(cache(server(MnistCacheTest::serve)).splits());
        assertEquals(5, messages.size(), messages.toString());
        String start = "data: train-images-idx3-ubyte.gz is not kept in the cache: ";
        assertTrue(messages.get(0).startsWith(start), messages.get(0));
    }
}
