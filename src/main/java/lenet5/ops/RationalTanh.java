package lenet5.ops;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The hyperbolic tangent that fast engines and devices compute, without branches:
 * tanh(x) = x P(x^2) / Q(x^2), a minimax fit on {@code |x| <= 8.5} with a relative error of 1.2e-8 before rounding, 4e-7 after it.
 * Where {@code |x| > LIMIT}, tanh(LIMIT) is taken; up to there rounding never leads beyond 1. Coefficients by rising powers; all are
 * positive, so nothing cancels.
 */
public final class RationalTanh {

    public static final float LIMIT = 8;

    public static final float P0 = 9.999999882e-1f;
    public static final float P1 = 1.341324361e-1f;
    public static final float P2 = 3.534022926e-3f;
    public static final float P3 = 2.125097985e-5f;
    public static final float P4 = 1.426913901e-8f;

    public static final float Q0 = 1;
    public static final float Q1 = 4.674656634e-1f;
    public static final float Q2 = 2.602273637e-2f;
    public static final float Q3 = 3.348858384e-4f;
    public static final float Q4 = 8.145086942e-7f;

    private RationalTanh() {}

    /** The same numbers as macros of OpenCL C, {@code TANH_LIMIT}, {@code TANH_P0} to {@code TANH_Q4}. */
    public static String macros() {
        return macro("LIMIT", LIMIT) + macros("P", P0, P1, P2, P3, P4) + macros("Q", Q0, Q1, Q2, Q3, Q4);
    }

    private static String macros(String name, float... coefficients) {
        return IntStream.range(0, coefficients.length)
                .mapToObj(power -> macro(name + power, coefficients[power]))
                .collect(Collectors.joining());
    }

    private static String macro(String name, float value) {
        return "#define TANH_" + name + " " + Float.toHexString(value) + "f\n";
    }
}
