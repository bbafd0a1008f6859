package lenet5.train;

import java.util.Arrays;
import java.util.List;
import lenet5.data.LabeledImages;
import lenet5.data.Mnist;
import lenet5.data.Normalization;
import lenet5.engine.Engine;
import lenet5.engine.Softmax;
import lenet5.engine.StagedData;

/**
 * A model that says what pictures show.
 *
 * <pre>{@code
 * Model model = ModelFile.read(file);
 * try (Engine engine = new CpuEngine(model.parameters().network(), new Settings(1, 1))) {
 *     double[] probabilities = new Classifier(model, engine).probabilities(pixels);
 * }
 * }</pre>
 */
public final class Classifier {

    private final Engine engine;
    private final Normalization normalization;

    /**
     * Loads the model's parameters.
     *
     * @param engine of the model's network; stays the caller's to close, and holds no other parameters as long as this is used
     */
    public Classifier(Model model, Engine engine) {
        this.engine = engine;
        this.normalization = model.normalization();
        engine.load(model.parameters());
    }

    /**
     * The probability of each class.
     *
     * @param pixels one picture as MNIST has them, 28 rows of 28 bytes: 0 is background, 255 is full ink
     * @throws IllegalArgumentException if there are more or fewer, or the network takes pictures of another size
     */
    public double[] probabilities(byte[] pixels) {
        return probabilities(new LabeledImages(Mnist.SIZE, Mnist.SIZE, pixels, new byte[1]))
                .get(0);
    }

    /**
     * The probability of each class, picture by picture. The device has all of them at once, and is given their memory back.
     *
     * @param images their labels do not matter
     * @throws IllegalArgumentException if the network takes pictures of another size
     */
    public List<double[]> probabilities(LabeledImages images) {
        try (StagedData staged = engine.stage(images, normalization)) {
            return Arrays.stream(engine.logits(staged)).map(Softmax::of).toList();
        }
    }
}
