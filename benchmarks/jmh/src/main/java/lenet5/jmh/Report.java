package lenet5.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lenet5.bench.Contender;
import lenet5.bench.Machine;
import lenet5.io.AtomicFiles;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.ops.OpCase;
import lenet5.ops.Work;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import tools.jackson.databind.json.JsonMapper;

/** Times, with the rates that follow from the work done, as a table and as a file. */
final class Report {

    /** Every parameter is read once and written once a step. */
    private static final int PARAMETER_PASSES = 2;

    /**
     * One figure.
     *
     * @param benchmark the operation, {@code step} or {@code epoch}
     * @param engine or implementation
     * @param batch images
     * @param microseconds the mean time of one operation, step or epoch
     * @param error half the width of its 99.9 % confidence interval, NaN if there was one measurement
     * @param gigaflops useful operations a nanosecond
     * @param gigabytes bytes a nanosecond if every operand is moved once
     */
    private record Row(
            String benchmark,
            String engine,
            int batch,
            double microseconds,
            double error,
            double gigaflops,
            double gigabytes) {}

    private final List<Row> rows = new ArrayList<>();

    int size() {
        return rows.size();
    }

    void add(Collection<RunResult> results) {
        results.forEach(result -> rows.add(row(result)));
    }

    private static Row row(RunResult result) {
        BenchmarkParams parameters = result.getParams();
        String name = parameters.getBenchmark();
        int batch = Integer.parseInt(parameters.getParam("batch"));
        double score = result.getPrimaryResult().getScore();
        double error = result.getPrimaryResult().getScoreError();
        String operation = parameters.getParam("operation");
        if (operation == null) {
            String what = name.substring(name.lastIndexOf('.') + 1);
            int images = what.equals("epoch") ? TrainingBenchmark.EPOCH_IMAGES : batch;
            String engine = Main.label(parameters.getParam("engine"), parameters.getJvmArgs());
            return row(what, engine, batch, score, error, training(images, batch));
        }
        OpCase wanted = OperationBenchmark.named(operation);
        int repetitions = OperationBenchmark.repetitions(wanted, batch);
        return row(
                operation,
                parameters.getParam("implementation"),
                batch,
                score / repetitions,
                error / repetitions,
                wanted.work().apply(batch));
    }

    private static Row row(String benchmark, String engine, int batch, double microseconds, double error, Work work) {
        double nanoseconds = 1e3 * microseconds;
        return new Row(
                benchmark, engine, batch, microseconds, error, work.flops() / nanoseconds, work.bytes() / nanoseconds);
    }

    /** Multiply-adds alone; the images once as bytes, the parameters in and out at every step. */
    private static Work training(int images, int batch) {
        Network network = Models.lenet5();
        int steps = (images + batch - 1) / batch;
        long flops = 2 * (network.forwardMultiplyAdds() + network.backwardMultiplyAdds()) * images;
        long bytes = (long) images * network.input().size()
                + (long) PARAMETER_PASSES * Float.BYTES * network.parameterCount() * steps;
        return new Work(flops, bytes);
    }

    void print() {
        System.out.printf(
                "%n%-42s %-10s %6s %14s %12s %10s %9s%n",
                "benchmark", "engine", "batch", "microseconds", "+-", "GFLOP/s", "GB/s");
        for (Row row : rows) {
            System.out.printf(
                    Locale.ROOT,
                    "%-42s %-10s %6d %,14.1f %,12.1f %10.2f %9.2f%n",
                    row.benchmark(),
                    row.engine(),
                    row.batch(),
                    row.microseconds(),
                    row.error(),
                    row.gigaflops(),
                    row.gigabytes());
        }
    }

    void write(String set, Path directory, String commit) throws IOException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MINUTES);
        Map<String, Object> record = new LinkedHashMap<>();
        record.put("date", now.toString());
        record.put("commit", commit);
        record.put("command", "benchmarks/run " + set);
        record.put("machine", Machine.current());
        record.put(
                "devices",
                Contender.all().stream()
                        .filter(Contender::isOpenCl)
                        .map(Contender::device)
                        .distinct()
                        .map(Device::facts)
                        .toList());
        record.put("results", rows);
        Files.createDirectories(directory);
        Path file = directory.resolve("jmh-" + set + "-" + now.toString().replace(":", "") + ".json");
        AtomicFiles.write(
                file, new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(record));
        System.out.println("written to " + file);
    }
}
