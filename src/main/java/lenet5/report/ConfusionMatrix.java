package lenet5.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** How often each class was taken for each. Public for the page's template. */
public final class ConfusionMatrix {

    /**
     * One kind of mistake.
     *
     * @param label the class shown
     * @param answer the class it was taken for
     * @param count how often
     */
    public record Mistake(int label, int answer, int count) {}

    private final int[][] counts;

    ConfusionMatrix(int classes, List<Prediction> predictions) {
        counts = new int[classes][classes];
        for (Prediction prediction : predictions) {
            counts[prediction.label()][prediction.answer()]++;
        }
    }

    public int classes() {
        return counts.length;
    }

    /** How many images of class {@code label} were taken for {@code answer}. */
    public int count(int label, int answer) {
        return counts[label][answer];
    }

    /** The number of images of a class. */
    public int shown(int label) {
        return IntStream.of(counts[label]).sum();
    }

    /** The number of images taken for a class. */
    public int answered(int answer) {
        return IntStream.range(0, classes()).map(label -> counts[label][answer]).sum();
    }

    /** Of the images taken for {@code k}, the share that shows it; NaN if there are none. */
    public double precision(int k) {
        return (double) counts[k][k] / answered(k);
    }

    /** Of the images that show {@code k}, the share taken for it; NaN if there are none. */
    public double recall(int k) {
        return (double) counts[k][k] / shown(k);
    }

    /** Every kind of mistake that happened, the most frequent first. */
    public List<Mistake> mistakes() {
        List<Mistake> mistakes = new ArrayList<>();
        for (int label = 0; label < classes(); label++) {
            for (int answer = 0; answer < classes(); answer++) {
                if (label != answer && counts[label][answer] > 0) {
                    mistakes.add(new Mistake(label, answer, counts[label][answer]));
                }
            }
        }
        mistakes.sort(Comparator.comparingInt(Mistake::count).reversed());
        return mistakes;
    }
}
