package lenet5.report;

import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import lenet5.data.LabeledImages;

/**
 * An image of the data set with what is to be said of it.
 *
 * @param picture the image
 * @param caption in a word or two
 * @param detail a second line, may be empty
 */
public record Example(Picture picture, String caption, String detail) {

    private static final int TRAINING_PER_CLASS = 4;
    private static final int MAX_PREDICTIONS = 24;
    private static final int SHEET_COLUMNS = 8;
    private static final int SHEET_SCALE = 4;
    private static final int SHEET_GAP = 8;

    /** The first images of every class, class by class. */
    static List<Example> training(LabeledImages images, int classes) {
        List<Example> examples = new ArrayList<>();
        for (int k = 0; k < classes; k++) {
            int found = 0;
            for (int i = 0; i < images.count() && found < TRAINING_PER_CLASS; i++) {
                if (images.labels()[i] == k) {
                    examples.add(new Example(new Picture(Drawing.digit(images, i)), Integer.toString(k), ""));
                    found++;
                }
            }
        }
        return examples;
    }

    /** The first images that were read correctly. */
    static List<Example> right(LabeledImages images, List<Prediction> predictions) {
        return predictions.stream()
                .filter(Prediction::isRight)
                .limit(MAX_PREDICTIONS)
                .map(prediction -> new Example(
                        new Picture(Drawing.digit(images, prediction.index())),
                        Integer.toString(prediction.answer()),
                        percent(prediction.confidence())))
                .toList();
    }

    /** The images that were read wrongly, those first of which the network was surest. */
    static List<Example> wrong(LabeledImages images, List<Prediction> predictions) {
        return predictions.stream()
                .filter(prediction -> !prediction.isRight())
                .sorted(Comparator.comparingDouble(Prediction::confidence).reversed())
                .limit(MAX_PREDICTIONS)
                .map(prediction -> new Example(
                        new Picture(Drawing.digit(images, prediction.index())),
                        prediction.answer() + ", " + percent(prediction.confidence()),
                        "is " + prediction.label() + ", " + percent(prediction.probabilities()[prediction.label()])))
                .toList();
    }

    /** All of them in one picture, with their captions. */
    static BufferedImage sheet(List<Example> examples) {
        List<BufferedImage> tiles = examples.stream()
                .map(example -> Drawing.captioned(
                        Drawing.enlarged(example.picture.image(), SHEET_SCALE),
                        Stream.of(example.caption, example.detail)
                                .filter(line -> !line.isEmpty())
                                .toList()))
                .toList();
        return Drawing.grid(tiles, SHEET_COLUMNS, SHEET_GAP);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }
}
