package lenet5.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.nn.Network;
import lenet5.nn.Network.Placed;
import lenet5.nn.Parameter;
import lenet5.nn.Parameters;
import lenet5.nn.Shape;
import lenet5.ops.ElementType;
import lenet5.ops.Operation;
import lenet5.ops.Ops;
import lenet5.ops.ReferenceOps;
import lenet5.ops.Tensor;

/**
 * Runs any network as a sequence of {@link Ops}, bound once: gather, forward, loss, backward, update.
 *
 * @param <T> the operations' tensors
 */
public final class LayeredEngine<T extends Tensor> implements Engine {

    /** Images an evaluation looks at together, so that a small training batch does not make it slow. */
    private static final int EVALUATION_BATCH = 250;

    private static final String REFERENCE = "reference";

    private final String name;
    private final Ops<T> ops;
    private final Network network;
    private final int batchSize;
    private final int capacity;

    private final T parameters;
    private final T gradients;
    private final List<T> parameterViews = new ArrayList<>();
    private final List<T> gradientViews = new ArrayList<>();
    private final T batchImages;
    private final T batchLabels;
    private final T logits;
    private final T loss;
    private final T correct;

    private final List<Operation> forward = new ArrayList<>();
    private final Operation lossAndGradient;
    private final List<Operation> backward = new ArrayList<>();
    private final Operation update;

    /**
     * Allocates every tensor and binds every operation.
     *
     * @param name the engine's kind, as the command line names it
     * @param ops closes with the engine
     */
    public LayeredEngine(String name, Ops<T> ops, Network network, Settings settings) {
        this.name = name;
        this.ops = ops;
        this.network = network;
        this.batchSize = settings.batchSize();
        this.capacity = Math.max(batchSize, EVALUATION_BATCH);

        int[] offsets = alignedOffsets(network.parameters(), ops.viewAlignment());
        this.parameters = floats(Shape.of(offsets[offsets.length - 1]));
        this.gradients = floats(parameters.shape());
        for (int i = 0; i < network.parameters().size(); i++) {
            Shape shape = network.parameters().get(i).shape();
            parameterViews.add(ops.view(parameters, offsets[i], shape));
            gradientViews.add(ops.view(gradients, offsets[i], shape));
        }

        this.batchImages = floats(network.input().batchOf(capacity));
        this.batchLabels = ops.allocate(ElementType.INT, Shape.of(capacity));
        this.loss = floats(Shape.of(capacity));
        this.correct = ops.allocate(ElementType.INT, Shape.of(capacity));

        T output = batchImages;
        T outputGradient = null;
        int first = 0;
        boolean learns = false;
        for (Placed placed : network.layers()) {
            T input = output;
            T inputGradient = learns ? outputGradient : null;
            Shape shape = placed.output().batchOf(capacity);
            boolean flatten = placed.layer().movesNothing();
            output = flatten ? ops.view(input, 0, shape) : floats(shape);
            outputGradient = flatten && outputGradient != null ? ops.view(outputGradient, 0, shape) : floats(shape);
            bind(placed, first, input, output, inputGradient, outputGradient);
            learns |= placed.learns();
            first += placed.parameters().size();
        }
        this.logits = output;
        this.lossAndGradient =
                ops.softmaxCrossEntropy(network.loss(), logits, batchLabels, outputGradient, loss, correct);
        this.update = ops.sgdUpdate(parameters, gradients, settings.learningRate());
    }

    /** The engine that defines what the others have to compute: plain loops. */
    public static Engine reference(Network network, Settings settings) {
        return new LayeredEngine<>(REFERENCE, ReferenceOps.inFloat(), network, settings);
    }

    /** Where each parameter starts if every start must be a multiple of {@code alignment}; last, the total. */
    private static int[] alignedOffsets(List<Parameter> parameters, int alignment) {
        int[] offsets = new int[parameters.size() + 1];
        for (int i = 0; i < parameters.size(); i++) {
            int end = offsets[i] + parameters.get(i).shape().size();
            offsets[i + 1] = (end + alignment - 1) / alignment * alignment;
        }
        return offsets;
    }

    private T floats(Shape shape) {
        return ops.allocate(ElementType.FLOAT, shape);
    }

    /**
     * Appends a layer's forward operation and prepends its backward ones.
     *
     * @param first the index of the layer's first parameter
     * @param inputGradient null where nothing before the layer learns
     */
    private void bind(Placed placed, int first, T input, T output, T inputGradient, T outputGradient) {
        int end = first + placed.parameters().size();
        LayerBinding.Passes passes = placed.layer()
                .accept(new LayerBinding<>(
                        ops,
                        placed,
                        parameterViews.subList(first, end),
                        gradientViews.subList(first, end),
                        input,
                        output,
                        inputGradient,
                        outputGradient));
        forward.addAll(passes.forward());
        backward.addAll(0, passes.backward());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String device() {
        return ops.device();
    }

    @Override
    public void load(Parameters values) {
        for (int i = 0; i < parameterViews.size(); i++) {
            Parameter parameter = network.parameters().get(i);
            ops.write(parameterViews.get(i), Arrays.copyOfRange(values.values(), parameter.offset(), parameter.end()));
        }
    }

    @Override
    public Parameters parameters() {
        return read(parameterViews);
    }

    private Parameters read(List<T> views) {
        Parameters values = new Parameters(network);
        for (int i = 0; i < views.size(); i++) {
            values.view(network.parameters().get(i)).put(ops.readFloats(views.get(i)));
        }
        return values;
    }

    @Override
    public StagedData stage(LabeledImages data, Normalization normalization) {
        return new LayeredData<>(this, ops, data, normalization, batchImages, batchLabels);
    }

    @Override
    public Metrics trainEpoch(StagedData data, int[] order) {
        LayeredData<T> staged = own(data);
        staged.setOrder(order);
        clearMetrics();
        for (int first = 0; first < order.length; first += batchSize) {
            int batch = Math.min(batchSize, order.length - first);
            differentiate(staged, first, batch);
            update.run(batch);
        }
        return readMetrics(order.length);
    }

    @Override
    public Gradient gradient(StagedData data, int[] batch) {
        LayeredData<T> staged = own(data);
        staged.setOrder(batch);
        clearMetrics();
        differentiate(staged, 0, batch.length);
        return new Gradient(readMetrics(batch.length).loss(), read(gradientViews));
    }

    private void differentiate(LayeredData<T> staged, int first, int batch) {
        classify(staged, first, batch);
        for (Operation operation : backward) {
            operation.run(batch);
        }
    }

    private void classify(LayeredData<T> staged, int first, int batch) {
        staged.gather(first, batch);
        for (Operation operation : forward) {
            operation.run(batch);
        }
        lossAndGradient.run(batch);
    }

    @Override
    public Metrics evaluate(StagedData data) {
        LayeredData<T> staged = own(data);
        staged.setNaturalOrder();
        clearMetrics();
        for (int first = 0; first < staged.count(); first += capacity) {
            classify(staged, first, Math.min(capacity, staged.count() - first));
        }
        return readMetrics(staged.count());
    }

    @Override
    public float[][] logits(StagedData data) {
        LayeredData<T> staged = own(data);
        staged.setNaturalOrder();
        float[][] rows = new float[staged.count()][];
        for (int first = 0; first < staged.count(); first += capacity) {
            int batch = Math.min(capacity, staged.count() - first);
            classify(staged, first, batch);
            float[] values = ops.readFloats(logits);
            for (int n = 0; n < batch; n++) {
                rows[first + n] = Arrays.copyOfRange(values, n * network.classes(), (n + 1) * network.classes());
            }
        }
        return rows;
    }

    private void clearMetrics() {
        ops.clear(loss);
        ops.clear(correct);
    }

    private Metrics readMetrics(int total) {
        return new Metrics(
                ops.sum(loss) / total, Arrays.stream(ops.readInts(correct)).sum(), total);
    }

    @SuppressWarnings("unchecked")
    private LayeredData<T> own(StagedData data) {
        if (!(data instanceof LayeredData<?> staged) || staged.engine() != this) {
            throw new IllegalArgumentException("the data was staged on another engine");
        }
        staged.requireOpen();
        return (LayeredData<T>) staged;
    }

    @Override
    public void close() {
        ops.close();
    }
}
