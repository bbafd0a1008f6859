package lenet5.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Makes splits of MNIST's four files, or of another data set's under the same names. */
public final class Mnist {

    /** Height and width of an image of MNIST itself. */
    public static final int SIZE = 28;

    /** One training image in so many is held out, which makes 5,000 of MNIST's 60,000. */
    private static final int VALIDATION_SHARE = 12;

    private Mnist() {}

    /**
     * Reads the four files of {@code directory}, each gzipped or not.
     *
     * @param name the splits' name
     * @throws DataException if one is missing or wrong
     */
    static Splits read(String name, Path directory) {
        return split(name, file -> IdxFile.read(find(directory, file), file.dimensions()));
    }

    private static Path find(Path directory, MnistFile file) {
        Path plain = directory.resolve(file.plainName());
        Path packed = directory.resolve(file.packedName());
        if (Files.exists(plain)) {
            return plain;
        }
        if (Files.exists(packed)) {
            return packed;
        }
        String names =
                Arrays.stream(MnistFile.values()).map(MnistFile::plainName).collect(Collectors.joining(", "));
        throw new DataException(
                "found neither " + plain + " nor " + packed + "; expected " + names + ", each with or without .gz");
    }

    /** Holds out the last twelfth of the training images, at least one, for validation. */
    static Splits split(String name, Function<MnistFile, IdxFile> files) {
        LabeledImages train = IdxFile.join(files.apply(MnistFile.TRAIN_IMAGES), files.apply(MnistFile.TRAIN_LABELS));
        LabeledImages test = IdxFile.join(files.apply(MnistFile.TEST_IMAGES), files.apply(MnistFile.TEST_LABELS));
        if (train.height() != test.height() || train.width() != test.width()) {
            throw new DataException(name + ": training images are " + size(train) + ", test images " + size(test)
                    + ", expected one size");
        }
        if (train.count() < 2) {
            throw new DataException(
                    name + ": 1 training image, expected at least 2, as one is held out for validation");
        }
        int kept = train.count() - Math.max(1, train.count() / VALIDATION_SHARE);
        return new Splits(name, train.slice(0, kept), train.slice(kept, train.count()), test);
    }

    private static String size(LabeledImages images) {
        return images.height() + "x" + images.width();
    }
}
