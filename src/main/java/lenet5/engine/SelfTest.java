package lenet5.engine;

import java.util.SplittableRandom;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.nn.Network;

/** One small batch on an engine against the reference, so that a driver that computes nonsense is found out at the start. */
public final class SelfTest {

    private static final int IMAGES = 3;
    private static final long SEED = 1;

    private SelfTest() {}

    /**
     * Compares loss and gradient of one batch of noise, and the loss when it is evaluated. The engine's parameters are
     * overwritten.
     *
     * @throws IllegalStateException saying what differs by how much
     */
    public static void run(Engine engine, Network network, Settings settings) {
        Settings small = new Settings(Math.min(IMAGES, settings.batchSize()), settings.learningRate());
        LabeledImages images = noise(network, small.batchSize());
        Normalization normalization = new Normalization(0.5f);
        GradientCheck check = new GradientCheck(network, small, images, normalization);
        check.problem(engine)
                .or(() -> check.lossProblem(loss(engine, images, normalization)))
                .ifPresent(problem -> {
                    throw new IllegalStateException("it computes wrong results (" + problem + ")");
                });
    }

    private static double loss(Engine engine, LabeledImages images, Normalization normalization) {
        try (StagedData staged = engine.stage(images, normalization)) {
            return engine.evaluate(staged).loss();
        }
    }

    /** Random images and labels for {@code network}. */
    public static LabeledImages noise(Network network, int images) {
        int height = network.input().extent(1);
        int width = network.input().extent(2);
        SplittableRandom random = new SplittableRandom(SEED);
        byte[] pixels = new byte[images * height * width];
        byte[] labels = new byte[images];
        random.nextBytes(pixels);
        for (int i = 0; i < images; i++) {
            labels[i] = (byte) random.nextInt(network.classes());
        }
        return new LabeledImages(height, width, pixels, labels);
    }
}
