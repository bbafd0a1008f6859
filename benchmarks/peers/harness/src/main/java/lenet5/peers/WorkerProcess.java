package lenet5.peers;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A {@link Worker} seen from outside: asked, then ended. */
final class WorkerProcess implements AutoCloseable {

    private final Path log;
    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    WorkerProcess(Process process, Path log) {
        this.log = log;
        this.process = process;
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    String open(int batchSize) throws IOException {
        return ask("open " + batchSize);
    }

    /** The first batch's loss before and after {@code steps} steps. */
    double[] check(int steps) throws IOException {
        String[] losses = ask("check " + steps).split(" ");
        return new double[] {Double.parseDouble(losses[0]), Double.parseDouble(losses[1])};
    }

    double seconds(int epoch, int steps) throws IOException {
        return Double.parseDouble(ask("time " + epoch + " " + steps));
    }

    private String ask(String question) throws IOException {
        try {
            commands.write(question + "\n");
            commands.flush();
        } catch (IOException e) {
            throw ended();
        }
        for (String line = answers.readLine(); line != null; line = answers.readLine()) {
            if (line.startsWith(Worker.ANSWER)) {
                return line.substring(Worker.ANSWER.length());
            }
        }
        throw ended();
    }

    private IOException ended() throws IOException {
        String reason = Files.readString(log)
                .lines()
                .filter(line -> line.contains("Exception") || line.contains("Error"))
                .findFirst()
                .orElse("it ended");
        return new IOException(reason + " (see " + log + ")");
    }

    /** Returns when the process is gone, so that it disturbs nobody after it. */
    @Override
    public void close() {
        try {
            commands.close();
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (IOException e) {
            // It is gone already.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly().onExit().join();
    }
}
