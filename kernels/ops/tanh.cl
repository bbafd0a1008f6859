// The scaled hyperbolic tangent A tanh(S x), element by element, and its gradient.
//
// Geometry: AMPLITUDE and SLOPE, the bits of A and S; DERIVATIVE and BEND, those of A S and S / A. One work-item an element
// (axis 0). Every output element is overwritten.

#include "common/tanh_rational.cl"

#ifndef AMPLITUDE // plain tanh
#define AMPLITUDE 0x3f800000
#define SLOPE AMPLITUDE
#define DERIVATIVE AMPLITUDE
#define BEND AMPLITUDE
#endif

#ifndef WG_X
#define WG_X 64 // work-items a group: two or more hardware threads' worth on every GPU
#endif

// output = A tanh(S input); both [count].
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void tanh_forward(__global const float *restrict input, __global float *restrict output, int count) {
    int i = get_global_id(0);
    if (i < count) {
        output[i] = as_float(AMPLITUDE) * tanh_rational(as_float(SLOPE) * input[i]);
    }
}

// input_gradient = output_gradient (A S - S / A output^2); all [count].
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void tanh_backward(__global const float *restrict output, __global const float *restrict output_gradient,
                   __global float *restrict input_gradient, int count) {
    int i = get_global_id(0);
    if (i < count) {
        input_gradient[i] = output_gradient[i] * (as_float(DERIVATIVE) - as_float(BEND) * output[i] * output[i]);
    }
}
