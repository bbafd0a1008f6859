// The hyperbolic tangent, element by element, and its gradient.
//
// One work-item an element (axis 0). Every output element is overwritten.

// tanh(x) = x P(x^2) / Q(x^2), a minimax fit on |x| <= 8.5; beyond, tanh is 1 to a float's precision. The fit's relative
// error is 1.2e-8, with rounding below 3e-7. All coefficients are positive, so nothing cancels. Without branches, so that it
// vectorizes on devices whose library function does not; written so that NaN stays NaN.
#define LIMIT 8.5f

float within(float limit, float x) {
    return x > limit ? limit : (x < -limit ? -limit : x);
}

float tanh_rational(float x) {
    float a = within(LIMIT, x);
    float u = a * a;
    float p = fma(fma(fma(fma(1.426913901e-8f, u, 2.125097985e-5f), u, 3.534022926e-3f), u, 1.341324361e-1f), u, 9.999999882e-1f);
    float q = fma(fma(fma(fma(8.145086942e-7f, u, 3.348858384e-4f), u, 2.602273637e-2f), u, 4.674656634e-1f), u, 1.0f);
    return within(1.0f, a * p / q);
}

#ifndef WG_X
#define WG_X 64 // work-items a group: two or more hardware threads' worth on every GPU
#endif

// output = tanh(input); both [count].
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void tanh_forward(__global const float *restrict input, __global float *restrict output, int count) {
    int i = get_global_id(0);
    if (i < count) {
        output[i] = tanh_rational(input[i]);
    }
}

// input_gradient = output_gradient (1 - output^2); all [count].
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void tanh_backward(__global const float *restrict output, __global const float *restrict output_gradient,
                   __global float *restrict input_gradient, int count) {
    int i = get_global_id(0);
    if (i < count) {
        input_gradient[i] = output_gradient[i] * (1.0f - output[i] * output[i]);
    }
}
