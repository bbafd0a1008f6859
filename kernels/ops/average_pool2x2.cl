// The mean of each 2x2 square of a map, stride 2, and its gradient.
//
// Geometry: OUT_W columns of the pooled map. A batch's maps and rows are one axis, since no square leaves its map.
// Every output element is overwritten.

#define IN_W (2 * OUT_W)

#ifndef WG_X
#define WG_X 64 // work-items a group
#endif

// output[row, column] = mean(input[2 row .. 2 row + 1, 2 column .. 2 column + 1]).
// input [2 rows, IN_W], output [rows, OUT_W]; one work-item an output element, count = rows OUT_W.
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void average_pool2x2_forward(__global const float *restrict input, __global float *restrict output, int count) {
    int i = get_global_id(0);
    if (i < count) {
        __global const float *x = input + 2 * (i / OUT_W * IN_W + i % OUT_W);
        output[i] = 0.25f * (x[0] + x[1] + x[IN_W] + x[IN_W + 1]);
    }
}

// input_gradient[row, column] = output_gradient[row / 2, column / 2] / 4.
// One work-item an input element, count = 2 rows IN_W.
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void average_pool2x2_backward(__global const float *restrict output_gradient, __global float *restrict input_gradient,
                              int count) {
    int i = get_global_id(0);
    if (i < count) {
        input_gradient[i] = 0.25f * output_gradient[i / IN_W / 2 * OUT_W + i % IN_W / 2];
    }
}
