// The hyperbolic tangent, element by element, and its gradient.
//
// One work-item an element (axis 0). Every output element is overwritten.

#include "tanh_rational.cl"

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
