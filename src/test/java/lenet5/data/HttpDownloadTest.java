package lenet5.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDownloadTest {

    private static final byte[] BODY = TinyMnist.images(100, 28, 28);
    private static final Duration CONNECT = Duration.ofSeconds(5);
    private static final Duration PATIENT = Duration.ofSeconds(30);
    private static final Duration IMPATIENT = Duration.ofMillis(300);

    private final List<List<Long>> reports = new ArrayList<>();
    private TestServer server;

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
    }

    private byte[] get(Duration stallTimeout, HttpHandler handler) throws IOException, InterruptedException {
        server = new TestServer(handler);
        return get(stallTimeout, server.address());
    }

    private byte[] get(Duration stallTimeout, URI uri) throws IOException, InterruptedException {
        return new HttpDownload(CONNECT, stallTimeout)
                .get(uri, (received, total) -> reports.add(List.of(received, total)));
    }

    private String refusal(Duration stallTimeout, HttpHandler handler) {
        return assertThrows(IOException.class, () -> get(stallTimeout, handler)).getMessage();
    }

    @Test
    void getsWholeBody() throws Exception {
        assertArrayEquals(BODY, get(PATIENT, exchange -> TestServer.send(exchange, BODY)));
        assertEquals(List.of((long) BODY.length, (long) BODY.length), reports.get(reports.size() - 1));
    }

    @Test
    void getsBodyOfUnknownLength() throws Exception {
        assertArrayEquals(BODY, get(PATIENT, exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(BODY);
        }));
    }

    @Test
    void followsRedirects() throws Exception {
        assertArrayEquals(BODY, get(PATIENT, exchange -> {
            if (exchange.getRequestURI().getPath().equals("/")) {
                exchange.getResponseHeaders().set("Location", "/moved");
                exchange.sendResponseHeaders(302, -1);
            } else {
                TestServer.send(exchange, BODY);
            }
        }));
        assertEquals(List.of("/", "/moved"), server.requests());
    }

    @Test
    void redirectsInACircleEnd() {
        assertEquals("HTTP status 302", refusal(PATIENT, exchange -> {
            exchange.getResponseHeaders().set("Location", "/");
            exchange.sendResponseHeaders(302, -1);
        }));
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 500, 503})
    void errorStatusIsNamed(int status) {
        assertEquals("HTTP status " + status, refusal(PATIENT, exchange -> {
            exchange.sendResponseHeaders(status, BODY.length);
            exchange.getResponseBody().write(BODY);
        }));
    }

    @Test
    void bodyThatEndsEarly() {
        String reason = refusal(PATIENT, exchange -> {
            exchange.sendResponseHeaders(200, BODY.length);
            exchange.getResponseBody().write(BODY, 0, 1000);
            exchange.getResponseBody().flush();
        });
        assertTrue(reason.contains("bytes received: 1000"), reason);
    }

    @Test
    void bodyThatStalls() {
        assertEquals(
                "sent nothing for 0.3 s after " + BODY.length / 2 + " bytes",
                refusal(IMPATIENT, exchange -> server.stall(exchange, BODY)));
        assertEquals(List.of((long) BODY.length / 2, (long) BODY.length), reports.get(reports.size() - 1));
    }

    @Test
    void serverThatNeverAnswers() {
        assertEquals("sent nothing for 0.3 s after 0 bytes", refusal(IMPATIENT, exchange -> server.awaitClosing()));
    }

    @Test
    void errorPageThatStalls() {
        assertEquals("sent nothing for 0.3 s after 0 bytes", refusal(IMPATIENT, exchange -> {
            exchange.sendResponseHeaders(404, BODY.length);
            exchange.getResponseBody().flush();
            server.awaitClosing();
        }));
    }

    @Test
    void lengthOverTheLimit() {
        long length = HttpDownload.MAX_BYTES + 1L;
        assertEquals(
                "sends " + length + " bytes, expected at most " + HttpDownload.MAX_BYTES, refusal(PATIENT, exchange -> {
                    exchange.sendResponseHeaders(200, length);
                    exchange.getResponseBody().flush();
                    server.awaitClosing();
                }));
    }

    @Test
    void endlessBody() {
        assertEquals(
                "sends " + (HttpDownload.MAX_BYTES + 1) + " bytes, expected at most " + HttpDownload.MAX_BYTES,
                refusal(PATIENT, exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    byte[] megabyte = new byte[1 << 20];
                    // Ends when the client hangs up.
                    while (true) {
                        exchange.getResponseBody().write(megabyte);
                    }
                }));
    }

    @Test
    void nobodyListens() throws IOException {
        server = new TestServer(exchange -> TestServer.send(exchange, BODY));
        URI address = server.address();
        server.close();
        assertEquals(
                "cannot connect",
                assertThrows(IOException.class, () -> get(PATIENT, address)).getMessage());
    }

    @Test
    void interruptEndsTheWait() {
        Thread.currentThread().interrupt();
        assertThrows(InterruptedException.class, () -> get(PATIENT, exchange -> server.awaitClosing()));
    }
}
