package lenet5.train;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import lenet5.cpu.CpuEngine;
import lenet5.data.DataSource;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.data.Splits;
import lenet5.data.synthetic.SyntheticDigits;
import lenet5.engine.Engine;
import lenet5.engine.Settings;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.picture.DigitImage;
import lenet5.picture.Photos;
import lenet5.picture.Photos.Photo;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a network learns from synthetic digits in five epochs; it learns more in twenty. */
class SyntheticTrainingTest {

    private static final Network NETWORK = Models.lenet5();
    private static final Splits SYNTHETIC = SyntheticDigits.splits();
    private static final Normalization NORMALIZATION = Normalization.of(SYNTHETIC.train(), NETWORK.input());
    private static Engine engine;

    @BeforeAll
    static void train() throws IOException {
        engine = new CpuEngine(NETWORK, new Settings(32, 0.02f));
        new Trainer(engine, new TrainingOptions(5, 1, 0, false))
                .train(TrainingState.initial(NETWORK, 1), SYNTHETIC, NORMALIZATION, state -> {});
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    private static double accuracy(LabeledImages images) {
        return engine.evaluate(engine.stage(images, NORMALIZATION)).accuracy();
    }

    @Test
    void readsSyntheticDigitsItHasNotSeen() {
        double accuracy = accuracy(SYNTHETIC.test());
        assertTrue(accuracy > 0.95, "accuracy " + accuracy);
    }

    @Test
    void readsPhotos(@TempDir Path directory) throws IOException {
        List<Photo> photos = Photos.all();
        ByteArrayOutputStream pixels = new ByteArrayOutputStream();
        byte[] labels = new byte[photos.size()];
        for (int i = 0; i < labels.length; i++) {
            Path file = directory.resolve(i + ".jpg");
            ImageIO.write(photos.get(i).picture(), "jpg", file.toFile());
            pixels.writeBytes(DigitImage.read(file).orElseThrow());
            labels[i] = (byte) photos.get(i).digit();
        }
        double accuracy = accuracy(new LabeledImages(DigitImage.SIZE, DigitImage.SIZE, pixels.toByteArray(), labels));
        assertTrue(accuracy > 0.9, "accuracy " + accuracy);
    }

    /** On images that were held out from MNIST's training set: its test set is for the README's figure alone. */
    @Test
    void readsHandwrittenDigits() {
        String directory = System.getenv("MNIST_DIR");
        assumeTrue(directory != null, "MNIST_DIR is not set");
        Splits mnist = new DataSource(Map.of(), SyntheticDigits::splits, (file, received, total) -> {}, message -> {})
                .load(directory);
        double accuracy = accuracy(mnist.validation());
        assertTrue(accuracy > 0.9, "accuracy " + accuracy);
    }
}
