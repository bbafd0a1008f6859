package lenet5.cpu;

/**
 * tanh(x) = x P(x^2) / Q(x^2), a minimax fit on |x| <= 8.5 with a relative error of 1.2e-8 before rounding, 4e-7 after it.
 * Where |x| > LIMIT, tanh(LIMIT) is taken; up to there rounding never leads beyond 1. Coefficients by rising powers; all are
 * positive, so nothing cancels.
 */
final class RationalTanh {

    static final float LIMIT = 8;

    static final float P0 = 9.999999882e-1f;
    static final float P1 = 1.341324361e-1f;
    static final float P2 = 3.534022926e-3f;
    static final float P3 = 2.125097985e-5f;
    static final float P4 = 1.426913901e-8f;

    static final float Q0 = 1;
    static final float Q1 = 4.674656634e-1f;
    static final float Q2 = 2.602273637e-2f;
    static final float Q3 = 3.348858384e-4f;
    static final float Q4 = 8.145086942e-7f;

    private RationalTanh() {}
}
