package lenet5.nn;

import java.util.Locale;

/**
 * What is applied to each of a layer's sums: {@code amplitude tanh(slope x)} or, where the amplitude is 0, nothing. LeCun,
 * Bottou, Bengio and Haffner (1998), appendix A, take 1.7159 and 2/3.
 *
 * @param amplitude A
 * @param slope S
 */
public record Activation(float amplitude, float slope) {

    public static final Activation IDENTITY = new Activation(0, 0);

    public static final Activation TANH = new Activation(1, 1);

    /**
     * Checks the numbers.
     *
     * @throws IllegalArgumentException if they are not both positive and finite, or both 0
     */
    public Activation {
        boolean positive = amplitude > 0 && slope > 0 && Float.isFinite(amplitude) && Float.isFinite(slope);
        if (!positive && (amplitude != 0 || slope != 0)) {
            throw new IllegalArgumentException("amplitude " + amplitude + " and slope " + slope
                    + ", expected positive numbers, or 0 and 0 for the identity");
        }
    }

    public boolean isIdentity() {
        return amplitude == 0;
    }

    /** The derivative where the output is 0: {@code A S}. The one where it is y is {@code derivative() - bend() y^2}. */
    public float derivative() {
        return isIdentity() ? 1 : amplitude * slope;
    }

    /** What the derivative loses with the square of the output: {@code S / A}. */
    public float bend() {
        return isIdentity() ? 0 : slope / amplitude;
    }

    /** {@code tanh}, {@code 1.7159 tanh(0.6666667 x)} or {@code identity}. */
    @Override
    public String toString() {
        if (isIdentity()) {
            return "identity";
        }
        return equals(TANH) ? "tanh" : String.format(Locale.ROOT, "%s tanh(%s x)", amplitude, slope);
    }
}
