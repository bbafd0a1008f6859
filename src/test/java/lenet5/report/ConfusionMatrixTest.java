package lenet5.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import lenet5.report.ConfusionMatrix.Mistake;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {

    /** Three of class 0, of which one is taken for 1; four of class 1, of which two are; none of class 2. */
    private final ConfusionMatrix matrix = new ConfusionMatrix(
            3,
            List.of(
                    prediction(0, 0),
                    prediction(0, 1),
                    prediction(0, 0),
                    prediction(1, 1),
                    prediction(1, 0),
                    prediction(1, 0),
                    prediction(1, 1)));

    private static Prediction prediction(int label, int answer) {
        return new Prediction(0, label, answer, new double[3]);
    }

    @Test
    void precisionIsAShareOfTheAnswersAndRecallOfTheLabels() {
        assertEquals(2.0 / 4, matrix.precision(0));
        assertEquals(2.0 / 3, matrix.recall(0));
        assertEquals(2.0 / 3, matrix.precision(1));
        assertEquals(2.0 / 4, matrix.recall(1));
        assertEquals(Double.NaN, matrix.precision(2));
        assertEquals(Double.NaN, matrix.recall(2));
    }

    @Test
    void mistakesComeMostFrequentFirst() {
        assertEquals(List.of(new Mistake(1, 0, 2), new Mistake(0, 1, 1)), matrix.mistakes());
    }
}
