package lenet5;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A JVM of its own with the tests' class path: for what might crash one, and for what depends on how one starts. */
public final class ChildJvm {

    private static final int LIMIT_SECONDS = 120;

    /** What a JVM left behind. */
    public record Result(int exitCode, String out, String err) {

        /** Everything, for the message of a failed assertion. */
        @Override
        public String toString() {
            return "exit code " + exitCode + "\n--- stdout\n" + out + "--- stderr\n" + err;
        }
    }

    private final Path directory;
    private final List<String> options = new ArrayList<>(List.of(
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Djava.awt.headless=true",
            "--enable-native-access=ALL-UNNAMED"));
    private final Map<String, String> environment;
    private String classPath = System.getProperty("java.class.path");

    /**
     * A JVM that is to be described and run.
     *
     * @param directory takes its temporary files and its cache, and nothing else is in it
     */
    public ChildJvm(Path directory) {
        this.directory = directory;
        property("java.io.tmpdir", directory.toString());
        this.environment = new ProcessBuilder().environment();
        environment.keySet().removeIf(name -> name.endsWith("_OPTIONS")); // the JVM would tell of them on stderr
        environment("LENET5_CACHE", directory.resolve("cache").toString());
    }

    public ChildJvm environment(String name, String value) {
        environment.put(name, value);
        return this;
    }

    public ChildJvm property(String name, String value) {
        options.add("-D" + name + "=" + value);
        return this;
    }

    /** An option of the JVM itself, which comes after, and so wins over, those that every child has. */
    public ChildJvm option(String option) {
        options.add(option);
        return this;
    }

    /** Lets {@code entry} hide what the class path has under the same names. */
    public ChildJvm classPathFirst(Path entry) {
        classPath = entry + File.pathSeparator + classPath;
        return this;
    }

    /** Runs {@code main} to its end. */
    public Result run(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main.getName()));
        command.addAll(List.of(arguments));
        try {
            Path out = Files.createTempFile(directory, "stdout", null);
            Path err = Files.createTempFile(directory, "stderr", null);
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(directory.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().clear();
            builder.environment().putAll(environment);
            Process process = builder.start();
            boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
            process.destroyForcibly();
            Result result = new Result(process.waitFor(), Files.readString(out), Files.readString(err));
            if (!ended) {
                throw new AssertionError(main.getName() + " ran for more than " + LIMIT_SECONDS + " s: " + result);
            }
            return result;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
