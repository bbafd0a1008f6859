package lenet5.peers.dl4j;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Properties;
import lenet5.nn.Parameter;
import lenet5.nn.Parameters;
import lenet5.peers.Peer;
import lenet5.peers.Worker;
import lenet5.peers.Workload;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** LeNet-5 as a network of Deeplearning4j. */
final class Deeplearning4j implements Peer {

    private static final int CLASSES = 10;

    /** Where our layers that learn are among Deeplearning4j's, which counts activations to the layer before. */
    private static final int[][] LAYERS = {{0, 0}, {3, 2}, {7, 4}, {9, 5}, {11, 6}};

    private final MultiLayerNetwork network = new MultiLayerNetwork(configuration());
    private final INDArray images;
    private final INDArray labels;
    private final int batchSize;

    private Deeplearning4j(Workload workload, int batchSize) {
        this.batchSize = batchSize;
        network.init();
        this.images = Nd4j.create(workload.inputs(), new int[] {Workload.IMAGES, 32 * 32});
        float[] oneHot = new float[Workload.IMAGES * CLASSES];
        for (int i = 0; i < Workload.IMAGES; i++) {
            oneHot[i * CLASSES + workload.data().labels()[i]] = 1;
        }
        this.labels = Nd4j.create(oneHot, new int[] {Workload.IMAGES, CLASSES});
    }

    /** Serves, with the natives built for AVX2. */
    public static void main(String[] arguments) throws Exception {
        System.setProperty("org.bytedeco.javacpp.platform.extension", "-avx2");
        Worker.serve(Deeplearning4j::new);
    }

    private static MultiLayerConfiguration configuration() {
        return new NeuralNetConfiguration.Builder()
                .dataType(DataType.FLOAT)
                .updater(new Sgd(Workload.LEARNING_RATE))
                .activation(Activation.TANH)
                .list()
                .layer(new ConvolutionLayer.Builder(5, 5).nOut(6).build())
                .layer(averagePool())
                .layer(new ConvolutionLayer.Builder(5, 5).nOut(16).build())
                .layer(averagePool())
                .layer(new DenseLayer.Builder().nOut(120).build())
                .layer(new DenseLayer.Builder().nOut(84).build())
                .layer(new OutputLayer.Builder(LossFunction.MCXENT)
                        .nOut(CLASSES)
                        .activation(Activation.SOFTMAX)
                        .build())
                .setInputType(InputType.convolutional(32, 32, 1))
                .build();
    }

    private static SubsamplingLayer averagePool() {
        return new SubsamplingLayer.Builder(PoolingType.AVG)
                .kernelSize(2, 2)
                .stride(2, 2)
                .build();
    }

    @Override
    public String version() {
        Properties properties = new Properties();
        try (InputStream file = MultiLayerNetwork.class.getResourceAsStream(
                "/META-INF/maven/org.deeplearning4j/deeplearning4j-nn/pom.properties")) {
            properties.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException("the version of Deeplearning4j cannot be read", e);
        }
        return "Deeplearning4j " + properties.getProperty("version");
    }

    @Override
    public void load(Parameters parameters) {
        for (int[] layer : LAYERS) {
            network.setParam(layer[1] + "_W", weights(parameters, layer[0] + ".weight"));
            float[] bias = Workload.values(parameters, layer[0] + ".bias");
            network.setParam(layer[1] + "_b", Nd4j.create(bias, new int[] {1, bias.length}));
        }
    }

    /** A convolution's as they are, a dense layer's transposed to {@code [in, out]}. */
    private static INDArray weights(Parameters parameters, String name) {
        int[] shape = parameters.network().parameters().stream()
                .filter(parameter -> parameter.name().equals(name))
                .map(Parameter::shape)
                .findFirst()
                .orElseThrow()
                .dimensions()
                .stream()
                .mapToInt(Integer::intValue)
                .toArray();
        INDArray weights = Nd4j.create(Workload.values(parameters, name), shape);
        return shape.length == 2 ? weights.transpose() : weights;
    }

    private DataSet batch(int[] indices) {
        INDArray inputs = Nd4j.pullRows(images, 1, indices).reshape(indices.length, 1, 32, 32);
        return new DataSet(inputs, Nd4j.pullRows(labels, 1, indices));
    }

    @Override
    public double loss(int[] batch) {
        return network.score(batch(batch));
    }

    @Override
    public void train(int[] order) {
        for (int first = 0; first < order.length; first += batchSize) {
            network.fit(batch(Arrays.copyOfRange(order, first, Math.min(order.length, first + batchSize))));
        }
    }

    @Override
    public void close() {
        network.close();
    }
}
