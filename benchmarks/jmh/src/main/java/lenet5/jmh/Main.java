package lenet5.jmh;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import lenet5.bench.Contender;
import lenet5.engines.Kind;
import lenet5.ops.OpCase;
import lenet5.ops.OpCases;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs the quick or the full set of benchmarks. */
public final class Main {

    private static final String[] ALL_BATCHES = {"1", "32", "256", "1024"};
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    /** The engine whose arithmetic is vectors in a JVM that has their module, else plain loops. */
    private static final String TWO_ARITHMETICS = "simd";

    /** After this long the engines in Java are compiled; the loops take longest. */
    private static final TimeValue COMPILED = TimeValue.seconds(8);

    private final boolean full;
    private final Report report = new Report();
    private final String[] engines;
    private final String[] implementations;
    private int expected;

    private Main(boolean full) {
        this.full = full;
        this.engines = Contender.all().stream()
                .map(Contender::engine)
                .distinct()
                .filter(engine -> full || !engine.equals(Kind.reference.name()))
                .toArray(String[]::new);
        boolean openCl = Contender.all().stream().anyMatch(Contender::isOpenCl);
        this.implementations = openCl
                ? new String[] {OperationBenchmark.OPENCL, OperationBenchmark.REFERENCE}
                : new String[] {OperationBenchmark.REFERENCE};
    }

    /** {@code quick|full RESULTS-DIRECTORY COMMIT}. */
    public static void main(String[] arguments) throws RunnerException, IOException {
        if (arguments.length != 3 || !List.of("quick", "full").contains(arguments[0])) {
            System.err.println("usage: benchmarks/run quick|full");
            System.exit(2);
        }
        Main main = new Main(arguments[0].equals("full"));
        main.run();
        main.report.print();
        main.report.write(arguments[0], Path.of(arguments[1]), arguments[2]);
        int refused = main.expected - main.report.size();
        if (refused > 0) {
            System.out.println(refused + " benchmarks gave a wrong result or failed and were not timed, see above");
            System.exit(1);
        }
    }

    private void run() throws RunnerException {
        String[] operations = OpCases.lenet5().stream().map(OpCase::name).toArray(String[]::new);
        run(
                timed(OperationBenchmark.class, "run")
                        .param("operation", operations)
                        .param("implementation", implementations)
                        .param("batch", batches("32")),
                operations.length * implementations.length * batches("32").length);
        if (ModuleFinder.ofSystem().find(VECTOR_MODULE).isPresent()) {
            train(engines, "--add-modules", VECTOR_MODULE);
            train(new String[] {TWO_ARITHMETICS});
        } else {
            train(engines);
        }
    }

    private void train(String[] names, String... options) throws RunnerException {
        run(
                timed(TrainingBenchmark.class, "step")
                        .jvmArgsAppend(options)
                        .warmupTime(COMPILED)
                        .param("engine", names)
                        .param("batch", batches("32", "1024")),
                names.length * batches("32", "1024").length);
        run(
                common(TrainingBenchmark.class, "epoch")
                        .jvmArgsAppend(options)
                        .mode(Mode.SingleShotTime)
                        .warmupIterations(1)
                        .measurementIterations(full ? 3 : 1)
                        .param("engine", names)
                        .param("batch", batches("32")),
                names.length * batches("32").length);
    }

    /** An engine as reports name it, which tells the two arithmetics apart. */
    static String label(String engine, Collection<String> options) {
        return engine.equals(TWO_ARITHMETICS) && !options.contains(VECTOR_MODULE) ? engine + " loops" : engine;
    }

    private String[] batches(String... quick) {
        return full ? ALL_BATCHES : quick;
    }

    private ChainedOptionsBuilder timed(Class<?> type, String method) {
        return common(type, method)
                .warmupIterations(full ? 3 : 1)
                .warmupTime(TimeValue.milliseconds(full ? 1000 : 200))
                .measurementIterations(full ? 5 : 3)
                .measurementTime(TimeValue.milliseconds(full ? 1000 : 300));
    }

    private static ChainedOptionsBuilder common(Class<?> type, String method) {
        return new OptionsBuilder()
                .include(type.getName() + "\\." + method + "$")
                .forks(1)
                .jvmArgs("-Xmx4g");
    }

    private void run(ChainedOptionsBuilder options, int combinations) throws RunnerException {
        expected += combinations;
        report.add(new Runner(options.build()).run());
    }
}
