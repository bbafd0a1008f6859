package lenet5.export;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import lenet5.cpu.CpuEngine;
import lenet5.data.DataSource;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.data.Splits;
import lenet5.data.synthetic.SyntheticDigits;
import lenet5.engine.Engine;
import lenet5.engine.LayeredEngine;
import lenet5.engine.Settings;
import lenet5.engine.Softmax;
import lenet5.nn.Activation;
import lenet5.nn.Initializer;
import lenet5.nn.Layer;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.nn.Parameters;
import lenet5.nn.Shape;
import lenet5.ops.ReferenceOps;
import lenet5.train.Model;

/**
 * A model, images for it, and the probabilities that the reference gives them.
 *
 * @param images unpadded
 * @param probabilities {@code [images, classes]}
 */
record SampleModel(Model model, LabeledImages images, double[][] probabilities) {

    private static final int IMAGES = 1000;

    /** Of each kind: the product's own network and others that a library user may describe. */
    static List<SampleModel> all() {
        return List.of(digits(), oblong(), endingInMaps(), dense());
    }

    /** LeNet-5 after a little training, and 1,000 test images: MNIST's where it is at hand. */
    static SampleModel digits() {
        Splits splits = Optional.ofNullable(System.getenv("MNIST_DIR"))
                .map(directory -> new DataSource(
                                System.getenv(), SyntheticDigits::splits, (file, received, total) -> {}, message -> {})
                        .load(Path.of(directory).toString()))
                .orElseGet(() -> SyntheticDigits.splits(1, 3_000, 1, IMAGES));
        Network network = Models.lenet5();
        LabeledImages training = splits.train().slice(0, 3_000);
        Normalization normalization = Normalization.of(training, network.input());
        try (Engine engine = new CpuEngine(network, new Settings(10, 0.05f))) {
            engine.load(Initializer.glorotUniform(network, 1));
            int[] order = IntStream.range(0, training.count()).toArray();
            engine.trainEpoch(engine.stage(training, normalization), order);
            return of(engine.parameters(), normalization, splits.test().slice(0, IMAGES));
        }
    }

    private static final Activation SCALED = new Activation(1.7159f, 2f / 3);

    /** Maps that are not square, more than one dense layer after the flatten, one of them fixed, and scaled tanh. */
    private static SampleModel oblong() {
        return random(new Network(
                "oblong",
                Shape.of(1, 16, 12),
                List.of(
                        new Layer.Conv5x5(3),
                        new Layer.Tanh(SCALED),
                        new Layer.AveragePool2x2(),
                        new Layer.Flatten(),
                        new Layer.Tanh(),
                        new Layer.Dense(7, true),
                        new Layer.Tanh(SCALED),
                        new Layer.Dense(4))));
    }

    /** No dense layer: the classes are the pixels of the last maps. */
    private static SampleModel endingInMaps() {
        return random(new Network(
                "maps",
                Shape.of(1, 28, 28),
                List.of(
                        new Layer.Conv5x5(4),
                        new Layer.AveragePool2x2(),
                        new Layer.Tanh(),
                        new Layer.Conv5x5(3),
                        new Layer.AveragePool2x2(),
                        new Layer.AveragePool2x2(),
                        new Layer.Flatten())));
    }

    /** No convolution. */
    private static SampleModel dense() {
        return random(new Network("dense", Shape.of(1, 6, 5), List.of(new Layer.Flatten(), new Layer.Dense(3))));
    }

    /** Random parameters, biases too, and random images. */
    private static SampleModel random(Network network) {
        SplittableRandom random = new SplittableRandom(7);
        Parameters parameters = new Parameters(network);
        for (int i = 0; i < network.parameterCount(); i++) {
            parameters.values()[i] = (float) random.nextDouble(-0.3, 0.3);
        }
        byte[] pixels = new byte[50 * network.input().size()];
        random.nextBytes(pixels);
        LabeledImages images =
                new LabeledImages(network.input().extent(1), network.input().extent(2), pixels, new byte[50]);
        return of(parameters, new Normalization(0.4f), images);
    }

    private static SampleModel of(Parameters parameters, Normalization normalization, LabeledImages images) {
        Network network = parameters.network();
        try (Engine engine = new LayeredEngine<>("reference", ReferenceOps.inFloat(), network, new Settings(1, 1))) {
            engine.load(parameters);
            float[][] logits = engine.logits(engine.stage(images, normalization));
            double[][] probabilities = Arrays.stream(logits).map(Softmax::of).toArray(double[][]::new);
            return new SampleModel(new Model(parameters, normalization, 1, 1), images, probabilities);
        }
    }

    /** The images' pixels from 0 to 255, {@code [images, height, width]}; one grey map is the same in every layout. */
    float[] pixels() {
        float[] pixels = new float[images.pixels().length];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = Byte.toUnsignedInt(images.pixels()[i]);
        }
        return pixels;
    }

    static int best(double[] probabilities) {
        int best = 0;
        for (int k = 1; k < probabilities.length; k++) {
            best = probabilities[k] > probabilities[best] ? k : best;
        }
        return best;
    }

    @Override
    public String toString() {
        return model.parameters().network().name();
    }
}
