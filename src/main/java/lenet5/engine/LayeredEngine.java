package lenet5.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.nn.Layer;
import lenet5.nn.Network;
import lenet5.nn.Network.Stage;
import lenet5.nn.Parameter;
import lenet5.nn.Parameters;
import lenet5.nn.Shape;
import lenet5.ops.Augment;
import lenet5.ops.Augmentation;
import lenet5.ops.ElementType;
import lenet5.ops.Gather;
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
        for (Stage stage : network.stages()) {
            T input = output;
            T inputGradient = learns ? outputGradient : null;
            Shape shape = stage.output().batchOf(capacity);
            boolean flatten = stage.layer().movesNothing();
            output = flatten ? ops.view(input, 0, shape) : floats(shape);
            outputGradient = flatten && outputGradient != null ? ops.view(outputGradient, 0, shape) : floats(shape);
            bind(stage, first, input, output, inputGradient, outputGradient);
            learns |= stage.learns();
            first += stage.parameters().size();
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
    private void bind(Stage stage, int first, T input, T output, T inputGradient, T outputGradient) {
        Passes passes = stage.layer().accept(new Binding(stage, first, input, output, inputGradient, outputGradient));
        forward.addAll(passes.forward);
        backward.addAll(0, passes.backward);
    }

    /** A layer's operations, each pass in the order that it runs in. */
    private record Passes(List<Operation> forward, List<Operation> backward) {}

    /** Binds the operations of a layer to its tensors. */
    private final class Binding implements Layer.Visitor<Passes> {

        private final Stage stage;
        private final int first;
        private final T input;
        private final T output;
        private final T inputGradient;
        private final T outputGradient;

        Binding(Stage stage, int first, T input, T output, T inputGradient, T outputGradient) {
            this.stage = stage;
            this.first = first;
            this.input = input;
            this.output = output;
            this.inputGradient = inputGradient;
            this.outputGradient = outputGradient;
        }

        @Override
        public Passes conv5x5(Layer.Conv5x5 layer) {
            T weights = parameterViews.get(first);
            return passes(
                    ops.conv5x5Forward(input, weights, parameterViews.get(first + 1), output),
                    () -> ops.conv5x5BackwardWeights(
                            input, outputGradient, gradientViews.get(first), gradientViews.get(first + 1)),
                    () -> ops.conv5x5BackwardInput(outputGradient, weights, inputGradient));
        }

        @Override
        public Passes averagePool2x2(Layer.AveragePool2x2 layer) {
            return passes(
                    ops.averagePool2x2Forward(input, output),
                    null,
                    () -> ops.averagePool2x2Backward(outputGradient, inputGradient));
        }

        @Override
        public Passes tanh(Layer.Tanh layer) {
            return passes(
                    ops.tanhForward(layer.activation(), input, output),
                    null,
                    () -> ops.tanhBackward(layer.activation(), output, outputGradient, inputGradient));
        }

        @Override
        public Passes flatten(Layer.Flatten layer) {
            return new Passes(List.of(), List.of());
        }

        @Override
        public Passes dense(Layer.Dense layer) {
            T weights = parameterViews.get(first);
            return passes(
                    ops.denseForward(input, weights, parameterViews.get(first + 1), output),
                    () -> ops.denseBackwardWeights(
                            input, outputGradient, gradientViews.get(first), gradientViews.get(first + 1)),
                    () -> ops.denseBackwardInput(outputGradient, weights, inputGradient));
        }

        /** Gradients by weights where they are learned, and by the input where it is made of what was learned. */
        private Passes passes(Operation forwards, Supplier<Operation> learning, Supplier<Operation> backwards) {
            List<Operation> back = new ArrayList<>();
            if (stage.learns()) {
                back.add(learning.get());
            }
            if (inputGradient != null) {
                back.add(backwards.get());
            }
            return new Passes(List.of(forwards), back);
        }
    }

    /** A data set on the operations' device, with the order it is gone through and the gather bound to both. */
    private final class Staged extends StagedImages {
        private final T order;
        private final Gather gather;
        private final T images;
        /** Null until it is needed. */
        private Augment augment;

        Staged(LabeledImages data, Normalization normalization) {
            super(data);
            try {
                images = hold(ElementType.BYTE, Shape.of(count(), data.height(), data.width()));
                ops.write(images, data.pixels());
                T labels = hold(ElementType.INT, Shape.of(count()));
                ops.write(
                        labels,
                        IntStream.range(0, count()).map(i -> data.labels()[i]).toArray());
                order = hold(ElementType.INT, Shape.of(count()));
                gather = ops.gather(
                        images, labels, order, Normalization.WHITE, normalization.mean(), batchImages, batchLabels);
                onClose(gather::close);
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        private T hold(ElementType type, Shape shape) {
            T tensor = ops.allocate(type, shape);
            onClose(() -> ops.release(tensor));
            return tensor;
        }

        @Override
        public void augment(long seed, int epoch) {
            requireOpen();
            if (augment == null) {
                T originals = hold(ElementType.BYTE, images.shape());
                ops.write(originals, images().pixels());
                augment = ops.augment(originals, images);
                onClose(augment::close);
            }
            augment.run(Augmentation.key(seed, epoch));
        }

        LayeredEngine<T> engine() {
            return LayeredEngine.this;
        }

        void setOrder(int[] indices) {
            requireOrder(indices);
            ops.write(order, Arrays.copyOf(indices, count()));
        }

        void setNaturalOrder() {
            setOrder(IntStream.range(0, count()).toArray());
        }
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
        return new Staged(data, normalization);
    }

    @Override
    public Metrics trainEpoch(StagedData data, int[] order) {
        Staged staged = own(data);
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
        Staged staged = own(data);
        staged.setOrder(batch);
        clearMetrics();
        differentiate(staged, 0, batch.length);
        return new Gradient(readMetrics(batch.length).loss(), read(gradientViews));
    }

    private void differentiate(Staged staged, int first, int batch) {
        classify(staged, first, batch);
        for (Operation operation : backward) {
            operation.run(batch);
        }
    }

    private void classify(Staged staged, int first, int batch) {
        staged.gather.run(first, batch);
        for (Operation operation : forward) {
            operation.run(batch);
        }
        lossAndGradient.run(batch);
    }

    @Override
    public Metrics evaluate(StagedData data) {
        Staged staged = own(data);
        staged.setNaturalOrder();
        clearMetrics();
        for (int first = 0; first < staged.count(); first += capacity) {
            classify(staged, first, Math.min(capacity, staged.count() - first));
        }
        return readMetrics(staged.count());
    }

    @Override
    public float[][] logits(StagedData data) {
        Staged staged = own(data);
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
    private Staged own(StagedData data) {
        if (!(data instanceof LayeredEngine<?>.Staged staged) || staged.engine() != this) {
            throw new IllegalArgumentException("the data was staged on another engine");
        }
        staged.requireOpen();
        return (Staged) staged;
    }

    @Override
    public void close() {
        ops.close();
    }
}
