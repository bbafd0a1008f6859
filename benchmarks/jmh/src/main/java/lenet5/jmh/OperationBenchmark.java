package lenet5.jmh;

import java.util.concurrent.TimeUnit;
import lenet5.opencl.DeviceContext;
import lenet5.opencl.Devices;
import lenet5.opencl.OpenClOps;
import lenet5.ops.OpCase;
import lenet5.ops.OpCases;
import lenet5.ops.OpContract;
import lenet5.ops.OpRun;
import lenet5.ops.Operation;
import lenet5.ops.Ops;
import lenet5.ops.ReferenceOps;
import lenet5.ops.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One operation, run {@link #repetitions} times in a row and then waited for, as in a training step. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class OperationBenchmark {

    static final String REFERENCE = "reference";
    static final String OPENCL = "opencl";

    private static final int MOST_REPETITIONS = 64;
    /** Enough work for one call, so that large batches are not repeated. */
    private static final double ENOUGH_FLOPS = 1e8;

    private static final long SEED = 1;

    @Param("")
    private String operation;

    @Param(REFERENCE)
    private String implementation;

    @Param("32")
    private int batch;

    private int repetitions;
    private Operation bound;
    private Runnable finish;
    private AutoCloseable ops;

    /** The operation of LeNet-5 called {@code name}. */
    static OpCase named(String name) {
        return OpCases.lenet5().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no operation " + name));
    }

    /** How often the operation runs in one call of the benchmark. */
    static int repetitions(OpCase operation, int batch) {
        return (int) Math.max(
                1,
                Math.min(
                        MOST_REPETITIONS,
                        ENOUGH_FLOPS / operation.work().apply(batch).flops()));
    }

    /** Checks the operation, then binds it; a wrong result ends the benchmark here. */
    @Setup
    public void open() {
        OpCase wanted = named(operation);
        repetitions = repetitions(wanted, batch);
        if (implementation.equals(REFERENCE)) {
            bind(ReferenceOps.inFloat(), wanted, () -> {});
            return;
        }
        DeviceContext context = DeviceContext.open(Devices.discover()
                .best(any -> true)
                .orElseThrow(() -> new IllegalStateException("no OpenCL device on this machine")));
        OpenClOps openCl = new OpenClOps(context);
        OpContract.check(openCl, wanted, batch);
        bind(openCl, wanted, context::finish);
    }

    private <T extends Tensor> void bind(Ops<T> implementing, OpCase wanted, Runnable waiting) {
        ops = implementing;
        finish = waiting;
        bound = wanted.binding().bind(implementing, OpRun.operands(implementing, wanted, batch, SEED));
    }

    @Benchmark
    public void run() {
        for (int i = 0; i < repetitions; i++) {
            bound.run(batch);
        }
        finish.run();
    }

    @TearDown
    public void close() throws Exception {
        ops.close();
    }
}
