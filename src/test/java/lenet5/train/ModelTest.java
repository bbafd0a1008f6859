package lenet5.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import lenet5.data.Normalization;
import lenet5.nn.Models;
import lenet5.nn.Parameters;
import org.junit.jupiter.api.Test;

class ModelTest {

    private final Parameters parameters = new Parameters(Models.lenet5());

    @Test
    void aDivergedParameterIsNamed() {
        parameters.values()[601] = Float.NEGATIVE_INFINITY;

        assertRefused(0, 1, "tensor 3.weight: found -Infinity at element 445, expected a finite number");
    }

    @Test
    void aMeanThatIsNotFiniteIsRefused() {
        assertRefused(Float.NaN, 1, "normalization mean: found NaN, expected a finite number");
    }

    @Test
    void negativeEpochsAreRefused() {
        assertRefused(0, -1, "epochs: found -1, expected at least 0");
    }

    private void assertRefused(float mean, int epochs, String expected) {
        Normalization normalization = new Normalization(mean);
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> new Model(parameters, normalization, 1, epochs));
        assertEquals(expected, refusal.getMessage());
    }
}
