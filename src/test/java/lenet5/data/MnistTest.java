package lenet5.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MnistTest {

    @TempDir
    Path directory;

    private void writeAll() throws IOException {
        for (MnistFile file : MnistFile.values()) {
            Files.write(directory.resolve(file.plainName()), TinyMnist.plain(file));
        }
    }

    private void assertRefused(String message) {
        assertEquals(
                message,
                assertThrows(DataException.class, () -> Mnist.read("tiny", directory))
                        .getMessage());
    }

    @Test
    void lastTwelfthIsForValidation() throws IOException {
        writeAll();
        Splits splits = Mnist.read("tiny", directory);
        assertEquals("tiny", splits.name());
        assertEquals(22, splits.train().count());
        assertArrayEquals(new byte[] {2, 3}, splits.validation().labels());
        assertEquals(22 * 6, splits.validation().pixels()[0] & 0xff);
        assertEquals(TinyMnist.TEST, splits.test().count());
    }

    @ParameterizedTest
    @CsvSource({"2, 1", "11, 1", "12, 1", "23, 1", "24, 2", "60000, 5000"})
    void validationCount(int images, int validation) throws IOException {
        writeAll();
        Files.write(directory.resolve(MnistFile.TRAIN_IMAGES.plainName()), TinyMnist.images(images, 3, 2));
        Files.write(directory.resolve(MnistFile.TRAIN_LABELS.plainName()), TinyMnist.labels(images));
        Splits splits = Mnist.read("tiny", directory);
        assertEquals(validation, splits.validation().count());
        assertEquals(images - validation, splits.train().count());
    }

    @Test
    void packedAndPlainFilesMayStandTogether() throws IOException {
        writeAll();
        Files.delete(directory.resolve(MnistFile.TEST_IMAGES.plainName()));
        Files.write(
                directory.resolve(MnistFile.TEST_IMAGES.packedName()),
                TinyMnist.gzip(TinyMnist.plain(MnistFile.TEST_IMAGES)));
        assertEquals(TinyMnist.TEST, Mnist.read("tiny", directory).test().count());
    }

    @Test
    void missingFileIsNamedInBothForms() throws IOException {
        writeAll();
        Path missing = directory.resolve("t10k-labels-idx1-ubyte");
        Files.delete(missing);
        assertRefused("found neither " + missing + " nor " + missing + ".gz; expected train-images-idx3-ubyte, "
                + "train-labels-idx1-ubyte, t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, each with or without .gz");
    }

    @Test
    void sizesMustAgree() throws IOException {
        writeAll();
        Files.write(directory.resolve(MnistFile.TEST_IMAGES.plainName()), TinyMnist.images(TinyMnist.TEST, 4, 2));
        assertRefused("tiny: training images are 3x2, test images 4x2, expected one size");
    }

    @Test
    void oneTrainingImageIsTooFew() throws IOException {
        writeAll();
        Files.write(directory.resolve(MnistFile.TRAIN_IMAGES.plainName()), TinyMnist.images(1, 3, 2));
        Files.write(directory.resolve(MnistFile.TRAIN_LABELS.plainName()), TinyMnist.labels(1));
        assertRefused("tiny: 1 training image, expected at least 2, as one is held out for validation");
    }

    @Test
    @EnabledIfEnvironmentVariable(named = "MNIST_DIR", matches = ".+")
    void realFiles() {
        Path real = Path.of(System.getenv("MNIST_DIR"));
        Splits splits = Mnist.split("mnist", file -> {
            Path plain = real.resolve(file.plainName());
            IdxFile idx =
                    IdxFile.read(Files.exists(plain) ? plain : real.resolve(file.packedName()), file.dimensions());
            assertEquals(file.sha256(), idx.sha256(), file.plainName());
            return idx;
        });
        assertEquals(55_000, splits.train().count());
        assertEquals(5_000, splits.validation().count());
        assertEquals(10_000, splits.test().count());
        double sum = sum(splits.train()) + sum(splits.validation());
        // The mean that every MNIST tutorial subtracts, of all 60,000 training images.
        assertEquals(0.1307, sum / 255 / 784 / 60_000, 5e-5);
    }

    private static long sum(LabeledImages images) {
        long sum = 0;
        for (byte pixel : images.pixels()) {
            sum += Byte.toUnsignedInt(pixel);
        }
        return sum;
    }
}
