package lenet5.peers.tensorflow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import lenet5.nn.Parameters;
import lenet5.peers.Peer;
import lenet5.peers.Worker;
import lenet5.peers.Workload;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** LeNet-5 as a TensorFlow graph, through TensorFlow for Java. Its CPU convolutions take images with the maps last. */
final class TensorFlowJava implements Peer {

    private static final int CLASSES = 10;
    private static final List<Long> UNIT = List.of(1L, 1L, 1L, 1L);
    private static final List<Long> WINDOW = List.of(1L, 2L, 2L, 1L);
    private static final String UNPADDED = "VALID";

    /** A learned tensor, how its values are laid out here, and the operation that sets them. */
    private record Learned(
            Variable<TFloat32> variable, Layout layout, String name, Placeholder<TFloat32> source, Op set) {}

    @FunctionalInterface
    private interface Layout {
        float[] of(float[] values);
    }

    private final Graph graph = new Graph();
    private final Ops tf = Ops.create(graph);
    private final List<Learned> learned = new ArrayList<>();
    private final Placeholder<TInt32> indices = tf.placeholder(TInt32.class);
    private final List<Op> updates = new ArrayList<>();
    private final Operand<TFloat32> loss;
    private final Session session;
    private final int batchSize;

    private TensorFlowJava(Workload workload, int batchSize) {
        this.batchSize = batchSize;
        int threads = Runtime.getRuntime().availableProcessors();
        ConfigProto config = ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(threads)
                .setInterOpParallelismThreads(threads)
                .build();
        Shape imagesShape = Shape.of(Workload.IMAGES, 32, 32, 1);
        Placeholder<TFloat32> imagesSource = tf.placeholder(TFloat32.class);
        Variable<TFloat32> images = tf.variable(imagesShape, TFloat32.class);
        Shape labelsShape = Shape.of(Workload.IMAGES, CLASSES);
        Placeholder<TFloat32> labelsSource = tf.placeholder(TFloat32.class);
        Variable<TFloat32> labels = tf.variable(labelsShape, TFloat32.class);
        Op setImages = tf.assign(images, imagesSource);
        Op setLabels = tf.assign(labels, labelsSource);

        Operand<TFloat32> logits = logits(tf.gather(images, indices, tf.constant(0)));
        this.loss = tf.math.mean(
                tf.nn.softmaxCrossEntropyWithLogits(logits, tf.gather(labels, indices, tf.constant(0)))
                        .loss(),
                tf.constant(0));
        Output<?>[] gradients = graph.addGradients(
                loss.asOutput(),
                learned.stream().map(one -> one.variable().asOutput()).toArray(Output<?>[]::new));
        // Each weight is also read on the way to the gradients before it: none may change until all of these are there.
        Ops afterwards = tf.withControlDependencies(gradients);
        for (int i = 0; i < gradients.length; i++) {
            Operand<TFloat32> gradient = gradients[i].expect(TFloat32.class);
            updates.add(afterwards.train.applyGradientDescent(
                    learned.get(i).variable(), tf.constant(Workload.LEARNING_RATE), gradient));
        }
        this.session = new Session(graph, config);
        assign(setImages, imagesSource, imagesShape, workload.inputs());
        assign(setLabels, labelsSource, labelsShape, oneHot(workload.data().labels()));
    }

    /** Serves. */
    public static void main(String[] arguments) throws Exception {
        Worker.serve(TensorFlowJava::new);
    }

    private static float[] oneHot(byte[] labels) {
        float[] rows = new float[labels.length * CLASSES];
        for (int i = 0; i < labels.length; i++) {
            rows[i * CLASSES + labels[i]] = 1;
        }
        return rows;
    }

    private Operand<TFloat32> logits(Operand<TFloat32> x) {
        Operand<TFloat32> h = pool(tf.math.tanh(convolution(x, 0, 1, 6)));
        h = pool(tf.math.tanh(convolution(h, 3, 6, 16)));
        h = tf.reshape(h, tf.constant(new int[] {-1, 400}));
        h = tf.math.tanh(dense(h, 7, 400, 120, TensorFlowJava::mapsLast));
        h = tf.math.tanh(dense(h, 9, 120, 84, values -> values));
        return dense(h, 11, 84, 10, values -> values);
    }

    private Operand<TFloat32> convolution(Operand<TFloat32> x, int layer, int in, int out) {
        Operand<TFloat32> weights =
                learn(layer + ".weight", Shape.of(5, 5, in, out), values -> transposed(values, out, in * 25, in));
        Operand<TFloat32> bias = learn(layer + ".bias", Shape.of(out), values -> values);
        return tf.nn.biasAdd(tf.nn.conv2d(x, weights, UNIT, UNPADDED), bias);
    }

    private Operand<TFloat32> pool(Operand<TFloat32> x) {
        return tf.nn.avgPool(x, WINDOW, WINDOW, UNPADDED);
    }

    private Operand<TFloat32> dense(Operand<TFloat32> x, int layer, int in, int out, Layout layout) {
        Operand<TFloat32> weights = learn(layer + ".weight", Shape.of(out, in), layout);
        Operand<TFloat32> bias = learn(layer + ".bias", Shape.of(out), values -> values);
        return tf.nn.biasAdd(tf.linalg.matMul(x, weights, MatMul.transposeB(true)), bias);
    }

    private Variable<TFloat32> learn(String name, Shape shape, Layout layout) {
        Variable<TFloat32> variable = tf.variable(shape, TFloat32.class);
        Placeholder<TFloat32> source = tf.placeholder(TFloat32.class);
        learned.add(new Learned(variable, layout, name, source, tf.assign(variable, source)));
        return variable;
    }

    /** {@code [out, in, 5, 5]} as {@code [5, 5, in, out]}. */
    private static float[] transposed(float[] values, int out, int taps, int in) {
        float[] result = new float[values.length];
        for (int o = 0; o < out; o++) {
            for (int t = 0; t < taps; t++) {
                int position = t % 25 * in + t / 25;
                result[position * out + o] = values[o * taps + t];
            }
        }
        return result;
    }

    /** {@code [120, 16, 5, 5]} as {@code [120, 5, 5, 16]}. */
    private static float[] mapsLast(float[] values) {
        float[] result = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            int unit = i / 400;
            int map = i % 400 / 25;
            result[unit * 400 + i % 25 * 16 + map] = values[i];
        }
        return result;
    }

    @Override
    public String version() {
        return "TensorFlow " + TensorFlow.version() + " through TensorFlow for Java";
    }

    @Override
    public void load(Parameters parameters) {
        for (Learned one : learned) {
            float[] values = one.layout().of(Workload.values(parameters, one.name()));
            assign(one.set(), one.source(), one.variable().shape(), values);
        }
    }

    private void assign(Op set, Placeholder<TFloat32> source, Shape shape, float[] values) {
        try (TFloat32 tensor = TFloat32.tensorOf(shape, DataBuffers.of(values))) {
            session.runner().feed(source, tensor).addTarget(set).run().close();
        }
    }

    @Override
    public double loss(int[] batch) {
        try (TInt32 fed = TInt32.vectorOf(batch);
                Result result = session.runner().feed(indices, fed).fetch(loss).run()) {
            return ((TFloat32) result.get(0)).getFloat();
        }
    }

    @Override
    public void train(int[] order) {
        for (int first = 0; first < order.length; first += batchSize) {
            try (TInt32 batch =
                    TInt32.vectorOf(Arrays.copyOfRange(order, first, Math.min(order.length, first + batchSize)))) {
                Session.Runner step = session.runner().feed(indices, batch);
                updates.forEach(step::addTarget);
                step.run().close();
            }
        }
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }
}
