// The scaled hyperbolic tangent A tanh(S x), element by element, and its gradient.
//
// One work-item an element (axis 0). Every output element is overwritten.

#include "common/tanh_rational.cl"

#ifndef WG_X
#define WG_X 64 // work-items a group: two or more hardware threads' worth on every GPU
#endif

// output = scale[0] tanh(scale[1] input); scale {A, S}, the others [count].
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void tanh_forward(__global const float *restrict scale, __global const float *restrict input,
                  __global float *restrict output, int count) {
    int i = get_global_id(0);
    if (i < count) {
        output[i] = scale[0] * tanh_rational(scale[1] * input[i]);
    }
}

// input_gradient = output_gradient (slope[0] - slope[1] output^2); slope {A S, S / A}, the others [count].
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void tanh_backward(__global const float *restrict slope, __global const float *restrict output,
                   __global const float *restrict output_gradient, __global float *restrict input_gradient, int count) {
    int i = get_global_id(0);
    if (i < count) {
        input_gradient[i] = output_gradient[i] * (slope[0] - slope[1] * output[i] * output[i]);
    }
}
