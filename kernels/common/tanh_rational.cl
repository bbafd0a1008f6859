// The hyperbolic tangent of REAL, a float or a vector of floats, for the kernels that need it.
//
// tanh(x) = x P(x^2) / Q(x^2) where |x| <= TANH_LIMIT, tanh(TANH_LIMIT) beyond. The coefficients, and what they are worth, are
// those of lenet5.ops.RationalTanh, which writes common/tanh_coefficients.cl. Without branches, so that it vectorizes on devices
// whose library function does not; written so that NaN stays NaN.

#ifndef REAL
#define REAL float
#endif

#include "common/tanh_coefficients.cl"

REAL tanh_rational(REAL x) {
    REAL a = x > TANH_LIMIT ? (REAL)(TANH_LIMIT) : x;
    a = a < -TANH_LIMIT ? (REAL)(-TANH_LIMIT) : a;
    REAL u = a * a;
    REAL p = (REAL)(TANH_P4);
    p = fma(p, u, (REAL)(TANH_P3));
    p = fma(p, u, (REAL)(TANH_P2));
    p = fma(p, u, (REAL)(TANH_P1));
    p = fma(p, u, (REAL)(TANH_P0));
    REAL q = (REAL)(TANH_Q4);
    q = fma(q, u, (REAL)(TANH_Q3));
    q = fma(q, u, (REAL)(TANH_Q2));
    q = fma(q, u, (REAL)(TANH_Q1));
    q = fma(q, u, (REAL)(TANH_Q0));
    return a * p / q;
}
