package lenet5.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Downloads small files whole into memory. A server can neither keep it waiting for long nor fill the memory. */
final class HttpDownload {

    /** The most bytes accepted: MNIST's largest file has 9.9 MB packed, 47 MB unpacked. */
    static final int MAX_BYTES = 64 << 20;

    private static final int OK = 200;
    private static final long POLL_MILLIS = 100;
    private static final long UNKNOWN = -1;

    private final HttpClient client;
    private final Duration stallTimeout;

    /** Hears the bytes received so far, and how many there are in all or -1. */
    @FunctionalInterface
    interface Progress {
        void report(long received, long total);
    }

    /**
     * A client that follows redirects, but not from HTTPS to HTTP.
     *
     * @param stallTimeout how long no byte may come, from the request on
     */
    HttpDownload(Duration connectTimeout, Duration stallTimeout) {
        this.client = HttpClient.newBuilder()
                .connectTimeout(connectTimeout)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
        this.stallTimeout = stallTimeout;
    }

    /**
     * The body of {@code uri}.
     *
     * @throws IOException if there is none; the message is the reason alone, without the address
     */
    byte[] get(URI uri, Progress progress) throws IOException, InterruptedException {
        Body body = new Body();
        CompletableFuture<HttpResponse<Void>> response =
                client.sendAsync(HttpRequest.newBuilder(uri).build(), body);
        try {
            int status = await(response, body, progress).statusCode();
            if (status != OK) {
                throw new IOException("HTTP status " + status);
            }
            body.requireWithinLimit();
            progress.report(body.received(), body.received());
            return body.bytes.toByteArray();
        } catch (ExecutionException e) {
            throw new IOException(reason(e.getCause()), e.getCause());
        } finally {
            response.cancel(true);
        }
    }

    private HttpResponse<Void> await(CompletableFuture<HttpResponse<Void>> response, Body body, Progress progress)
            throws IOException, InterruptedException, ExecutionException {
        long lastReceived = 0;
        long lastChange = System.nanoTime();
        while (true) {
            try {
                return response.get(POLL_MILLIS, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                body.requireWithinLimit();
                long received = body.received();
                progress.report(received, body.total);
                if (received > lastReceived) {
                    lastReceived = received;
                    lastChange = System.nanoTime();
                } else if (System.nanoTime() - lastChange > stallTimeout.toNanos()) {
                    throw new IOException(
                            "sent nothing for " + stallTimeout.toMillis() / 1000.0 + " s after " + received + " bytes");
                }
            }
        }
    }

    private static String reason(Throwable failure) {
        if (failure instanceof HttpConnectTimeoutException) {
            return "connect timed out";
        }
        if (failure instanceof ConnectException) {
            // The client leaves both of these without a message.
            return hasCause(failure, UnresolvedAddressException.class) ? "unknown host" : "cannot connect";
        }
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
        return failure != null && (type.isInstance(failure) || hasCause(failure.getCause(), type));
    }

    /** The bytes as they come, written by the client's threads and watched by the caller's. */
    private static final class Body implements BodyHandler<Void> {

        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        volatile long total = UNKNOWN;

        @Override
        public BodySubscriber<Void> apply(ResponseInfo info) {
            if (info.statusCode() != OK) {
                return BodySubscribers.replacing(null);
            }
            total = info.headers().firstValueAsLong("Content-Length").orElse(UNKNOWN);
            return BodySubscribers.ofByteArrayConsumer(chunk -> chunk.ifPresent(this::append));
        }

        /** Keeps at most one byte too many, by which the caller sees that the limit is passed. */
        private void append(byte[] chunk) {
            bytes.write(chunk, 0, Math.min(chunk.length, MAX_BYTES + 1 - bytes.size()));
        }

        int received() {
            return bytes.size();
        }

        void requireWithinLimit() throws IOException {
            long size = Math.max(total, received());
            if (size > MAX_BYTES) {
                throw new IOException("sends " + size + " bytes, expected at most " + MAX_BYTES);
            }
        }
    }
}
