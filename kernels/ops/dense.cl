// Fully connected layer y = x w^T + b and its gradients: one tiled matrix product in the three transpositions.
//
// Geometry: INPUTS, OUTPUTS. Layouts: x [images, INPUTS], w [OUTPUTS, INPUTS], b [OUTPUTS], y [images, OUTPUTS].
// Every output element is overwritten; sums run in a fixed order.

#ifndef TILE
#define TILE 16 // columns of the product a group computes, and the depth it loads at once
#endif

#ifndef ITEM_ROWS
#define ITEM_ROWS 4 // work-items of a group above one another
#endif

#define ROWS 8 // rows of the product a work-item computes: the lanes of its float8
#define TILE_ROWS (ROWS * ITEM_ROWS)

// The element (row, column) of a row-major matrix [rows, columns], zero outside.
float element(__global const float *matrix, int row, int column, int rows, int columns) {
    return row < rows && column < columns ? matrix[row * columns + column] : 0.0f;
}

// The work-item's ROWS elements of the product a b, a [rows, DEPTH], b [DEPTH, columns]: result[j] at (row + j, column).
// A(r, k) and B(k, c) read elements, zero outside. A_DOWN and B_DOWN tell whether memory runs down their columns, so that
// neighbouring work-items read neighbouring elements. The padding keeps transposed stores out of one memory bank.
#define TILED_PRODUCT(DEPTH, A, A_DOWN, B, B_DOWN)                                                  \
    __local float a_tile[TILE][TILE_ROWS + 1];                                                      \
    __local float b_tile[TILE][TILE + 1];                                                           \
    int x = get_local_id(0);                                                                        \
    int y = get_local_id(1);                                                                        \
    int row0 = get_group_id(1) * TILE_ROWS;                                                         \
    int column0 = get_group_id(0) * TILE;                                                           \
    float8 sum = 0.0f;                                                                              \
    for (int k0 = 0; k0 < (DEPTH); k0 += TILE) {                                                    \
        for (int i = y * TILE + x; i < TILE * TILE_ROWS; i += TILE * ITEM_ROWS) {                   \
            int r = A_DOWN ? i % TILE_ROWS : i / TILE;                                              \
            int k = A_DOWN ? i / TILE_ROWS : i % TILE;                                              \
            a_tile[k][r] = A(row0 + r, k0 + k);                                                     \
        }                                                                                           \
        for (int i = y * TILE + x; i < TILE * TILE; i += TILE * ITEM_ROWS) {                        \
            int k = B_DOWN ? i % TILE : i / TILE;                                                   \
            int c = B_DOWN ? i / TILE : i % TILE;                                                   \
            b_tile[k][c] = B(k0 + k, column0 + c);                                                  \
        }                                                                                           \
        barrier(CLK_LOCAL_MEM_FENCE);                                                               \
        for (int k = 0; k < TILE; k++) {                                                            \
            sum += vload8(0, &a_tile[k][y * ROWS]) * b_tile[k][x];                                  \
        }                                                                                           \
        barrier(CLK_LOCAL_MEM_FENCE);                                                               \
    }                                                                                               \
    int row = row0 + y * ROWS;                                                                      \
    int column = column0 + x;                                                                       \
    float result[ROWS];                                                                             \
    vstore8(sum, 0, result);

// y = x w^T + b: rows are images, columns outputs.
__kernel __attribute__((reqd_work_group_size(TILE, ITEM_ROWS, 1)))
void dense_forward(__global const float *restrict input, __global const float *restrict weights,
                   __global const float *restrict bias, __global float *restrict output, int batch) {
#define X(r, k) element(input, r, k, batch, INPUTS)
#define WT(k, c) element(weights, c, k, OUTPUTS, INPUTS)
    TILED_PRODUCT(INPUTS, X, false, WT, true)
    for (int j = 0; j < ROWS; j++) {
        if (row + j < batch && column < OUTPUTS) {
            output[(row + j) * OUTPUTS + column] = result[j] + bias[column];
        }
    }
}

// dx = dy w: rows are images, columns inputs.
__kernel __attribute__((reqd_work_group_size(TILE, ITEM_ROWS, 1)))
void dense_backward_input(__global const float *restrict output_gradient, __global const float *restrict weights,
                          __global float *restrict input_gradient, int batch) {
#define DY(r, k) element(output_gradient, r, k, batch, OUTPUTS)
#define W(k, c) element(weights, k, c, OUTPUTS, INPUTS)
    TILED_PRODUCT(OUTPUTS, DY, false, W, false)
    for (int j = 0; j < ROWS; j++) {
        if (row + j < batch && column < INPUTS) {
            input_gradient[(row + j) * INPUTS + column] = result[j];
        }
    }
}

// dw = dy^T x and db = dy^T 1: rows are outputs, columns inputs and a last column of ones for the bias.
__kernel __attribute__((reqd_work_group_size(TILE, ITEM_ROWS, 1)))
void dense_backward_weights(__global const float *restrict input, __global const float *restrict output_gradient,
                            __global float *restrict weights_gradient, __global float *restrict bias_gradient, int batch) {
#define DYT(r, k) element(output_gradient, k, r, batch, OUTPUTS)
#define X1(k, c) ((c) == INPUTS ? 1.0f : element(input, k, c, batch, INPUTS))
    TILED_PRODUCT(batch, DYT, true, X1, false)
    for (int j = 0; j < ROWS; j++) {
        if (row + j < OUTPUTS && column < INPUTS) {
            weights_gradient[(row + j) * INPUTS + column] = result[j];
        } else if (row + j < OUTPUTS && column == INPUTS) {
            bias_gradient[row + j] = result[j];
        }
    }
}
