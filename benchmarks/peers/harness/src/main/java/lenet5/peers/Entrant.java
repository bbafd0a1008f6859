package lenet5.peers;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Who takes part, and the command that starts its {@link Worker}.
 *
 * @param name of the engine or library
 * @param ours whether it is an engine of this library
 * @param command of the process
 * @param environment of the process, beyond everybody's
 * @param logs the directory of what its processes write to standard error
 */
record Entrant(String name, boolean ours, List<String> command, Map<String, String> environment, Path logs) {

    private static final String VECTOR_MODULE = "jdk.incubator.vector";
    private static final String THREADS = String.valueOf(Runtime.getRuntime().availableProcessors());

    /**
     * The same for everybody: as many threads as this JVM has processors, and an allocator that keeps freed memory. By
     * default glibc returns some to the system and faults it in again at every step, in some processes and not in others;
     * of these values one is the highest that it accepts, the other out of reach.
     */
    private static final Map<String, String> EVERYBODYS = Map.of(
            "OMP_NUM_THREADS", THREADS,
            "MKL_NUM_THREADS", THREADS,
            "OPENBLAS_NUM_THREADS", THREADS,
            "POCL_MAX_PTHREAD_COUNT", THREADS,
            "POCL_CPU_MAX_CU_COUNT", THREADS,
            "MALLOC_MMAP_THRESHOLD_", String.valueOf(32L << 20),
            "MALLOC_TRIM_THRESHOLD_", String.valueOf(1L << 40));

    /** Has the class path of {@code module}, a directory below {@code build}. */
    static Entrant java(
            String name, boolean ours, Path build, String module, String mainClass, Map<String, String> environment)
            throws IOException {
        Path target = build.resolve(module).resolve("target");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx4g");
        command.add("-XX:ActiveProcessorCount=" + THREADS);
        if (ours && ModuleFinder.ofSystem().find(VECTOR_MODULE).isPresent()) {
            command.addAll(List.of("--add-modules", VECTOR_MODULE));
        }
        String libraries = Files.readString(target.resolve("classpath"));
        command.addAll(List.of("-cp", target.resolve("classes") + ":" + libraries, mainClass, name));
        return new Entrant(name, ours, command, environment, target);
    }

    /** A process that no round before has touched; its log takes the place of the one before at this batch size. */
    WorkerProcess start(int batchSize) throws IOException {
        Path log = logs.resolve(name + "-" + batchSize + ".log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().putAll(EVERYBODYS);
        builder.environment().putAll(environment);
        return new WorkerProcess(builder.start(), log);
    }
}
