package lenet5.engine;

import java.util.Optional;
import java.util.stream.IntStream;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.nn.Initializer;
import lenet5.nn.Network;

/** Whether engines compute what the reference computes: the loss and the gradient of one batch. */
public final class GradientCheck {

    /** Of the mean loss of a batch. */
    static final double LOSS_TOLERANCE = 1e-5;
    /** Of a gradient element, against the largest one. */
    static final double GRADIENT_TOLERANCE = 1e-4;

    private static final long SEED = 1;

    private final LabeledImages data;
    private final Normalization normalization;
    private final Network network;
    private final int[] batch;
    private final Gradient expected;

    /** Has the reference compute the gradient of the first images of {@code data}, a batch of them. */
    public GradientCheck(Network network, Settings settings, LabeledImages data, Normalization normalization) {
        this.network = network;
        this.data = data;
        this.normalization = normalization;
        this.batch = IntStream.range(0, settings.batchSize()).toArray();
        try (Engine reference = LayeredEngine.reference(network, settings)) {
            this.expected = gradient(reference);
        }
    }

    private Gradient gradient(Engine engine) {
        engine.load(Initializer.glorotUniform(network, SEED));
        try (StagedData staged = engine.stage(data, normalization)) {
            return engine.gradient(staged, batch);
        }
    }

    /** What {@code engine} gets wrong, empty if nothing. Its parameters are overwritten. */
    public Optional<String> problem(Engine engine) {
        Gradient actual = gradient(engine);
        double lossError = Math.abs(actual.loss() - expected.loss());
        double gradientError =
                relativeError(expected.values().values(), actual.values().values());
        // NaN passes no comparison
        if (lossError <= LOSS_TOLERANCE && gradientError <= GRADIENT_TOLERANCE) {
            return Optional.empty();
        }
        return Optional.of("the loss is off by " + lossError + ", the gradient by " + gradientError
                + " of its largest element, at batch size " + batch.length);
    }

    /** What is wrong with the loss of the same batch in evaluation, empty if nothing. */
    Optional<String> lossProblem(double evaluated) {
        double error = Math.abs(evaluated - expected.loss());
        return error <= LOSS_TOLERANCE // NaN passes no comparison
                ? Optional.empty()
                : Optional.of("the loss is off by " + error + " in evaluation, at batch size " + batch.length);
    }

    private static double relativeError(float[] expected, float[] actual) {
        double largest = 0;
        double error = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            error = Math.max(error, Math.abs(actual[i] - expected[i]));
        }
        return error / largest;
    }
}
