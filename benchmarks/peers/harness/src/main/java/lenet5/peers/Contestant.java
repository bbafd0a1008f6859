package lenet5.peers;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A {@link Worker} seen from outside: started, asked, ended. Every one gets as many threads as this JVM has processors. */
final class Contestant implements AutoCloseable {

    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    private final String name;
    private final boolean ours;
    private final Path log;
    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;

    /** Starts {@code mainClass} with the class path of {@code module}, a directory below {@code build}. */
    Contestant(String name, boolean ours, Path build, String module, String mainClass) throws IOException {
        this.name = name;
        this.ours = ours;
        Path target = build.resolve(module).resolve("target");
        this.log = target.resolve(name + ".log");
        ProcessBuilder builder = new ProcessBuilder(command(target, mainClass));
        String threads = String.valueOf(threads());
        for (String variable : List.of(
                "OMP_NUM_THREADS",
                "MKL_NUM_THREADS",
                "OPENBLAS_NUM_THREADS",
                "POCL_MAX_PTHREAD_COUNT",
                "POCL_CPU_MAX_CU_COUNT")) {
            builder.environment().put(variable, threads);
        }
        builder.redirectError(log.toFile());
        this.process = builder.start();
        this.commands = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
    }

    private List<String> command(Path target, String mainClass) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx4g");
        command.add("-XX:ActiveProcessorCount=" + threads());
        if (ours && ModuleFinder.ofSystem().find(VECTOR_MODULE).isPresent()) {
            command.addAll(List.of("--add-modules", VECTOR_MODULE));
        }
        String libraries = Files.readString(target.resolve("classpath"));
        command.addAll(List.of("-cp", target.resolve("classes") + ":" + libraries, mainClass, name));
        return command;
    }

    static int threads() {
        return Runtime.getRuntime().availableProcessors();
    }

    String name() {
        return name;
    }

    boolean isOurs() {
        return ours;
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

    @Override
    public void close() {
        try {
            commands.close();
            if (process.waitFor(10, TimeUnit.SECONDS)) {
                return;
            }
        } catch (IOException e) {
            // It is gone already.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
