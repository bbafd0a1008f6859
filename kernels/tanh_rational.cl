// The hyperbolic tangent of REAL, a float or a vector of floats, for the kernels that need it.
//
// tanh(x) = x P(x^2) / Q(x^2), a minimax fit on |x| <= 8.5 with a relative error of 1.2e-8 before rounding, below 4e-7 after
// it. Where |x| > LIMIT, tanh(LIMIT) is taken; up to there rounding never leads beyond 1. All coefficients are positive, so
// nothing cancels. Without branches, so that it vectorizes on devices whose library function does not; written so that NaN
// stays NaN.

#ifndef REAL
#define REAL float
#endif

#define LIMIT 8.0f

REAL tanh_rational(REAL x) {
    REAL a = x > LIMIT ? (REAL)(LIMIT) : x;
    a = a < -LIMIT ? (REAL)(-LIMIT) : a;
    REAL u = a * a;
    REAL p = (REAL)(1.426913901e-8f);
    p = fma(p, u, (REAL)(2.125097985e-5f));
    p = fma(p, u, (REAL)(3.534022926e-3f));
    p = fma(p, u, (REAL)(1.341324361e-1f));
    p = fma(p, u, (REAL)(9.999999882e-1f));
    REAL q = (REAL)(8.145086942e-7f);
    q = fma(q, u, (REAL)(3.348858384e-4f));
    q = fma(q, u, (REAL)(2.602273637e-2f));
    q = fma(q, u, (REAL)(4.674656634e-1f));
    q = fma(q, u, (REAL)(1.0f));
    return a * p / q;
}
