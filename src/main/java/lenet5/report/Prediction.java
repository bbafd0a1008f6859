package lenet5.report;

import java.util.List;
import java.util.stream.IntStream;
import lenet5.data.LabeledImages;
import lenet5.engine.Softmax;

/**
 * What a network said of one labeled image.
 *
 * @param index the image's place in its data set
 * @param label the class it shows
 * @param answer the class of the largest probability
 * @param probabilities of each class
 */
public record Prediction(int index, int label, int answer, double[] probabilities) {

    /** One for each image, in the images' order. */
    static List<Prediction> all(LabeledImages images, float[][] logits) {
        return IntStream.range(0, images.count())
                .mapToObj(i -> of(i, images.labels()[i], Softmax.of(logits[i])))
                .toList();
    }

    private static Prediction of(int index, int label, double[] probabilities) {
        int answer = 0;
        for (int k = 1; k < probabilities.length; k++) {
            answer = probabilities[k] > probabilities[answer] ? k : answer;
        }
        return new Prediction(index, label, answer, probabilities);
    }

    public boolean isRight() {
        return answer == label;
    }

    /** The probability of the answer. */
    public double confidence() {
        return probabilities[answer];
    }
}
