package lenet5.cpu;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import lenet5.cpu.CpuLayer.Pass;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.engine.Engine;
import lenet5.engine.FusedLayer;
import lenet5.engine.Gradient;
import lenet5.engine.Metrics;
import lenet5.engine.ProfileRow;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Activation;
import lenet5.nn.Layer;
import lenet5.nn.Network;
import lenet5.nn.Parameters;

/**
 * The fast engine for machines without OpenCL. A step has two phases with a barrier after each: every worker takes blocks of
 * the batch through the whole network and back; then every worker takes tasks, a run of a layer's weights each, sums
 * their gradient over the batch and adds it.
 */
public final class CpuEngine implements Engine {

    private static final Clock NOT_RUNNING = new Clock(false);

    private final Network network;
    private final int batchSize;
    private final float learningRate;
    private final Arithmetic arithmetic;
    private final Workers workers;
    private final List<FusedLayer> fused;
    /** No gradient goes further back. */
    private final int firstLearning;

    private final List<CpuLayer> layers = new ArrayList<>();
    private final ParameterLayout layout;
    private final float[] parameters;
    private final Workspace[] workspaces;
    private final Clock[] clocks;
    /** The name of each layer's passes in profiles. */
    private final String[][] activities;

    /** An engine with the JVM's best arithmetic on every processor. */
    public CpuEngine(Network network, Settings settings) {
        this(network, settings, Arithmetic.best(), Runtime.getRuntime().availableProcessors(), false);
    }

    /** The same, and it times every layer of a training step; see {@link #profile}. */
    public static CpuEngine profiling(Network network, Settings settings) {
        return new CpuEngine(
                network, settings, Arithmetic.best(), Runtime.getRuntime().availableProcessors(), true);
    }

    CpuEngine(Network network, Settings settings, Arithmetic arithmetic, int threads, boolean profiling) {
        this.network = network;
        this.batchSize = settings.batchSize();
        this.learningRate = settings.learningRate();
        this.arithmetic = arithmetic;
        this.workers = new Workers(threads);
        this.layout = new ParameterLayout(network, arithmetic.lanes());
        this.parameters = layout.allocate();
        this.fused = FusedLayer.of(network);
        this.firstLearning = FusedLayer.firstLearning(fused);
        int first = 0;
        for (int i = 0; i < fused.size(); i++) {
            layers.add(layer(fused.get(i), FusedLayer.before(fused, i), first));
            first += fused.get(i).placed().parameters().size();
        }
        this.workspaces = new Workspace[threads];
        Arrays.setAll(workspaces, thread -> new Workspace(network, fused, arithmetic.lanes()));
        this.clocks = new Clock[threads];
        Arrays.setAll(clocks, thread -> new Clock(profiling));
        this.activities = fused.stream()
                .map(layer -> Arrays.stream(Pass.values())
                        .map(pass -> layer.label() + " " + pass.name().toLowerCase(Locale.ROOT))
                        .toArray(String[]::new))
                .toArray(String[][]::new);
    }

    private CpuLayer layer(FusedLayer layer, Activation inputActivation, int first) {
        return layer.placed().layer().accept(new Layer.Visitor<>() {
            @Override
            public CpuLayer conv5x5(Layer.Conv5x5 conv) {
                int blocks = ParameterLayout.wholeColumns(batchSize, arithmetic.lanes()) / arithmetic.lanes();
                return new ConvLayer(
                        arithmetic,
                        layer,
                        inputActivation,
                        layout.offset(first),
                        layout.offset(first + 1),
                        workers.threads(),
                        blocks);
            }

            @Override
            public CpuLayer averagePool2x2(Layer.AveragePool2x2 pool) {
                return new PoolLayer(arithmetic, layer.placed().output(), layer.activation(), inputActivation);
            }

            @Override
            public CpuLayer tanh(Layer.Tanh tanh) {
                return new TanhLayer(arithmetic, layer.placed().output().size(), layer.activation(), inputActivation);
            }

            @Override
            public CpuLayer flatten(Layer.Flatten flatten) {
                throw new IllegalStateException("a flatten is no fused layer");
            }

            @Override
            public CpuLayer dense(Layer.Dense dense) {
                return new DenseLayer(
                        arithmetic, layer, inputActivation, layout.offset(first), layout.offset(first + 1), batchSize);
            }
        });
    }

    @Override
    public String name() {
        return "simd";
    }

    @Override
    public String device() {
        return "CPU, " + workers.threads() + " threads, " + arithmetic.description();
    }

    @Override
    public void load(Parameters values) {
        layout.pad(values, parameters);
    }

    @Override
    public Parameters parameters() {
        return layout.unpad(parameters);
    }

    @Override
    public StagedData stage(LabeledImages data, Normalization normalization) {
        return new Staged(this, data, network.input(), normalization);
    }

    @Override
    public Metrics trainEpoch(StagedData data, int[] order) {
        Staged staged = own(data);
        staged.requireOrder(order);
        Outcome outcome = new Outcome(order.length);
        workers.run(thread -> {
            for (int first = 0; first < order.length; first += batchSize) {
                int batch = Math.min(batchSize, order.length - first);
                step(thread, staged, order, first, batch, -learningRate, parameters, outcome);
            }
        });
        return outcome.metrics();
    }

    @Override
    public Gradient gradient(StagedData data, int[] batch) {
        Staged staged = own(data);
        staged.requireOrder(batch);
        if (batch.length > batchSize) {
            throw new IllegalArgumentException("batch of " + batch.length + " images, expected 1 to " + batchSize);
        }
        Outcome outcome = new Outcome(batch.length);
        float[] gradient = layout.allocate();
        workers.run(thread -> step(thread, staged, batch, 0, batch.length, 1, gradient, outcome));
        return new Gradient(outcome.metrics().loss(), layout.unpad(gradient));
    }

    /** Adds {@code scale} times the gradient of a batch's mean loss to {@code sum}, together with the other workers. */
    private void step(
            int thread, Staged staged, int[] order, int first, int batch, float scale, float[] sum, Outcome outcome) {
        int lanes = arithmetic.lanes();
        Workspace workspace = workspaces[thread];
        Clock clock = clocks[thread];
        clock.start();
        int blocks = (batch + lanes - 1) / lanes;
        for (int block = thread; block < blocks; block += workers.threads()) {
            int from = first + block * lanes;
            int images = Math.min(lanes, first + batch - from);
            staged.gather(order, from, images, workspace.slot(0), workspace.starts());
            clock.lap("gather");
            forward(workspace, clock);
            workspace.loss(staged, order, from, images, scale / batch, outcome);
            clock.lap("loss");
            backward(thread, block, workspace);
        }
        workers.await();
        clock.lap("wait");
        learn(thread, batch, sum);
        workers.await();
        clock.lap("wait");
    }

    private void forward(Workspace workspace, Clock clock) {
        for (int i = 0; i < layers.size(); i++) {
            layers.get(i).forward(parameters, workspace.slot(i), workspace.slot(i + 1));
            lap(clock, i, Pass.FORWARD, arithmetic.lanes());
        }
    }

    private void backward(int thread, int block, Workspace workspace) {
        Clock clock = clocks[thread];
        for (int i = layers.size() - 1; i >= firstLearning; i--) {
            CpuLayer layer = layers.get(i);
            float[] x = workspace.slot(i);
            float[] dy = workspace.slot(i + 1);
            if (fused.get(i).learns()) {
                layer.keep(thread, block, x, dy);
                lap(clock, i, Pass.KEEP, arithmetic.lanes());
            }
            if (i > firstLearning) {
                layer.backward(parameters, x, dy, workspace.scratch());
                lap(clock, i, Pass.BACKWARD, arithmetic.lanes());
            }
        }
    }

    /** Tasks are dealt out in turn, the layers' one after the other. */
    private void learn(int thread, int batch, float[] sum) {
        int next = 0;
        for (int i = 0; i < layers.size(); i++) {
            int tasks = layers.get(i).tasks();
            for (int task = 0; task < tasks; task++, next++) {
                if (next % workers.threads() == thread) {
                    layers.get(i).learn(task, batch, sum);
                    lap(clocks[thread], i, Pass.LEARN, (double) batch / tasks);
                }
            }
        }
    }

    private void lap(Clock clock, int layer, Pass pass, double images) {
        clock.lap(activities[layer][pass.ordinal()], images * layers.get(layer).multiplyAdds(pass));
    }

    /** Where the time of training steps went, if the engine is {@link #profiling}; else empty. */
    public List<ProfileRow> profile() {
        return Clock.rows(List.of(clocks));
    }

    @Override
    public Metrics evaluate(StagedData data) {
        Staged staged = own(data);
        Outcome outcome = new Outcome(staged.count());
        forEachBlock(
                staged, (workspace, order, from, images) -> workspace.loss(staged, order, from, images, 1, outcome));
        return outcome.metrics();
    }

    @Override
    public float[][] logits(StagedData data) {
        Staged staged = own(data);
        float[][] rows = new float[staged.count()][network.classes()];
        forEachBlock(staged, (workspace, order, from, images) -> {
            for (int n = 0; n < images; n++) {
                for (int k = 0; k < network.classes(); k++) {
                    rows[from + n][k] = workspace.logits()[k * arithmetic.lanes() + n];
                }
            }
        });
        return rows;
    }

    /** What is done with a block that went forward. */
    @FunctionalInterface
    private interface BlockConsumer {
        void accept(Workspace workspace, int[] order, int from, int images);
    }

    private void forEachBlock(Staged staged, BlockConsumer consumer) {
        int lanes = arithmetic.lanes();
        int[] order = IntStream.range(0, staged.count()).toArray();
        workers.run(thread -> {
            Workspace workspace = workspaces[thread];
            for (int from = thread * lanes; from < order.length; from += workers.threads() * lanes) {
                int images = Math.min(lanes, order.length - from);
                staged.gather(order, from, images, workspace.slot(0), workspace.starts());
                forward(workspace, NOT_RUNNING);
                consumer.accept(workspace, order, from, images);
            }
        });
    }

    /** Shares {@code count} independent jobs among the workers. */
    void forEach(int count, IntConsumer job) {
        workers.run(thread -> {
            for (int i = thread; i < count; i += workers.threads()) {
                job.accept(i);
            }
        });
    }

    private Staged own(StagedData data) {
        if (!(data instanceof Staged staged) || staged.engine() != this) {
            throw new IllegalArgumentException("the data was staged on another engine");
        }
        staged.requireOpen();
        return staged;
    }

    @Override
    public void close() {
        workers.close();
    }
}
