package lenet5.engine;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.nn.Initializer;
import lenet5.nn.Network;
import lenet5.ops.ReferenceOps;

/** One small batch on an engine against the reference, so that a driver that computes nonsense is found out at the start. */
public final class SelfTest {

    private static final int IMAGES = 3;
    private static final long SEED = 1;
    /** Of the loss, and of a gradient element against the largest one; rounding alone stays a hundred times below. */
    private static final double TOLERANCE = 1e-3;

    private SelfTest() {}

    /**
     * Compares loss and gradient of one batch of noise. The engine's parameters are overwritten.
     *
     * @throws IllegalStateException saying what differs by how much
     */
    public static void run(Engine engine, Network network, Settings settings) {
        int batch = Math.min(IMAGES, settings.batchSize());
        Gradient actual = gradient(engine, network, batch);
        try (Engine reference = new LayeredEngine<>("reference", ReferenceOps.inFloat(), network, settings)) {
            Gradient expected = gradient(reference, network, batch);
            double lossError = Math.abs(actual.loss() - expected.loss());
            float[] a = actual.values().values();
            float[] e = expected.values().values();
            double largest = IntStream.range(0, e.length)
                    .mapToDouble(i -> Math.abs(e[i]))
                    .max()
                    .orElseThrow();
            // max() yields NaN if there is one, which passes no comparison
            double gradientError = IntStream.range(0, e.length)
                            .mapToDouble(i -> Math.abs(a[i] - e[i]))
                            .max()
                            .orElseThrow()
                    / largest;
            if (!(lossError <= TOLERANCE && gradientError <= TOLERANCE)) {
                throw new IllegalStateException("it computes wrong results (the loss is off by " + lossError
                        + ", the gradient by " + gradientError + " of its largest element)");
            }
        }
    }

    private static Gradient gradient(Engine engine, Network network, int batch) {
        int height = network.input().extent(1);
        int width = network.input().extent(2);
        SplittableRandom random = new SplittableRandom(SEED);
        byte[] pixels = new byte[batch * height * width];
        byte[] labels = new byte[batch];
        random.nextBytes(pixels);
        for (int i = 0; i < batch; i++) {
            labels[i] = (byte) random.nextInt(network.classes());
        }
        engine.load(Initializer.glorotUniform(network, SEED));
        StagedData data = engine.stage(new LabeledImages(height, width, pixels, labels), new Normalization(0.5f));
        return engine.gradient(data, IntStream.range(0, batch).toArray());
    }
}
