package lenet5.peers.pytorch;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.IntStream;
import lenet5.nn.Parameter;
import lenet5.nn.Parameters;
import lenet5.peers.Peer;
import lenet5.peers.Worker;
import lenet5.peers.Workload;

/** LeNet-5 in PyTorch's eager mode, through the Deep Java Library. */
final class PyTorch implements Peer {

    private static final Shape WINDOW = new Shape(2, 2);
    private static final Shape NO_PADDING = new Shape(0, 0);

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());
    private final Loss crossEntropy = Loss.softmaxCrossEntropyLoss();
    private final Optimizer sgd = Optimizer.sgd()
            .setLearningRateTracker(Tracker.fixed(Workload.LEARNING_RATE))
            .build();
    private final Map<String, NDArray> parameters = new LinkedHashMap<>();
    private final NDArray images;
    private final NDArray labels;
    private final int batchSize;

    private PyTorch(Workload workload, int batchSize) {
        this.batchSize = batchSize;
        this.images = manager.create(workload.inputs(), new Shape(Workload.IMAGES, 1, 32, 32));
        long[] classes = IntStream.range(0, Workload.IMAGES)
                .mapToLong(i -> workload.data().labels()[i])
                .toArray();
        this.labels = manager.create(classes);
    }

    /** Serves; the natives come from the class path, and nothing is downloaded. */
    public static void main(String[] arguments) throws Exception {
        String threads = String.valueOf(Runtime.getRuntime().availableProcessors());
        System.setProperty("ai.djl.pytorch.num_threads", threads);
        System.setProperty("ai.djl.pytorch.num_interop_threads", threads);
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        Worker.serve(PyTorch::new);
    }

    @Override
    public String version() {
        return "PyTorch " + Engine.getInstance().getVersion() + " through DJL " + Engine.getDjlVersion();
    }

    @Override
    public void load(Parameters values) {
        parameters.values().forEach(NDArray::close);
        for (Parameter parameter : values.network().parameters()) {
            long[] extents = parameter.shape().dimensions().stream()
                    .mapToLong(Integer::longValue)
                    .toArray();
            NDArray array = manager.create(Workload.values(values, parameter.name()), new Shape(extents));
            array.setRequiresGradient(true);
            parameters.put(parameter.name(), array);
        }
    }

    @Override
    public double loss(int[] batch) {
        try (NDManager step = manager.newSubManager()) {
            return loss(step, batch).getFloat();
        }
    }

    @Override
    public void train(int[] order) {
        for (int first = 0; first < order.length; first += batchSize) {
            int[] batch = Arrays.copyOfRange(order, first, Math.min(order.length, first + batchSize));
            try (NDManager step = manager.newSubManager()) {
                try (GradientCollector collector = Engine.getInstance().newGradientCollector()) {
                    collector.backward(loss(step, batch));
                }
                parameters.forEach((name, value) -> {
                    NDArray gradient = value.getGradient();
                    gradient.attach(step);
                    sgd.update(name, value, gradient);
                });
            }
        }
    }

    private NDArray loss(NDManager step, int[] batch) {
        NDArray indices = step.create(Arrays.stream(batch).asLongStream().toArray());
        NDArray logits = logits(images.get(step, new NDIndex("{}", indices)));
        NDArray classes = labels.get(step, new NDIndex("{}", indices));
        return crossEntropy.evaluate(new NDList(classes), new NDList(logits));
    }

    private NDArray logits(NDArray x) {
        NDArray h = pool(Activation.tanh(convolution(x, 0)));
        h = pool(Activation.tanh(convolution(h, 3)));
        h = h.reshape(h.getShape().get(0), -1);
        h = Activation.tanh(linear(h, 7));
        h = Activation.tanh(linear(h, 9));
        return linear(h, 11);
    }

    private NDArray convolution(NDArray x, int layer) {
        return Conv2d.conv2d(x, parameters.get(layer + ".weight"), parameters.get(layer + ".bias"))
                .singletonOrThrow();
    }

    private static NDArray pool(NDArray x) {
        return Pool.avgPool2d(x, WINDOW, WINDOW, NO_PADDING, false, true);
    }

    private NDArray linear(NDArray x, int layer) {
        return Linear.linear(x, parameters.get(layer + ".weight"), parameters.get(layer + ".bias"))
                .singletonOrThrow();
    }

    @Override
    public void close() {
        manager.close();
    }
}
