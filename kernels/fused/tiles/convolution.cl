// A convolution of several images at once, by one work-group, from local memory: each work-item keeps a tile of sums in registers.
//
// Included once for each convolution, of IN_MAPS maps [IN_H, IN_W] to OUT_MAPS, with NAMED(f), f's name for it. The images'
// values lie FORWARD_IMAGE or BACKWARD_IMAGE floats of local memory and STEP_BLOCK floats of global memory apart, `images` of
// `most` are there.
// Tuning, all divisors: FORWARD_MAPS of the output maps, FORWARD_ROWS, even, of their rows; BACKWARD_MAPS of the input maps;
// GRADIENT_MAPS of the output maps, RUNS of their columns.

#ifndef PROGRAM // by itself, as an example
# include "fused/images/layers.cl"
#define STEP_BLOCK 9874 // floats of workspace an image
#define FORWARD_IMAGE 3000 // floats of local memory an image, in step_forward
#define BACKWARD_IMAGE 2000 // in step_backward
#define IN_MAPS 6 // of the convolution
#define IN_H 14
#define IN_W 14
#define OUT_MAPS 16
#define FORWARD_MAPS 2 // output maps of a work-item, forward
#define FORWARD_ROWS 10 // rows of each, two pixels wide; not defined where no pooling follows
#define BACKWARD_MAPS 2 // input maps on the way back; not defined where no gradient goes on
#define GRADIENT_MAPS 2 // output maps whose weights' gradient it forms
#define RUNS 2 // of columns, whose sums different work-items form
#endif

#define OUT_H (IN_H - FRAME)
#define OUT_W (IN_W - FRAME)
#define WEIGHT(o, i, u, v) w[(((o) * IN_MAPS + (i)) * KERNEL + (u)) * KERNEL + (v)]

#ifdef FORWARD_ROWS
// kept = the convolution's output, through `activation`; y = its means over 2x2 pixels, through `y_activation`.
// x [IN_MAPS, IN_H, IN_W], kept [OUT_MAPS, OUT_H, OUT_W], y [OUT_MAPS, OUT_H / 2, OUT_W / 2]. A work-item computes FORWARD_ROWS
// rows of two neighbouring pixels on each of FORWARD_MAPS maps.
INLINE void NAMED(conv5x5_pool_forward)(__local const float *x, __global float *kept, float4 activation, __local float *y,
                                        float4 y_activation, __local const float *w, __local const float *b, int most, int images) {
    const int pairs = OUT_W / 2;
    const int runs = OUT_H / FORWARD_ROWS;
    const int items = OUT_MAPS / FORWARD_MAPS * runs * pairs;
    for EACH(item, most * items) {
        int n = item / items;
        int c = item % pairs * 2;
        int r = item / pairs % runs * FORWARD_ROWS;
        int o = item % items / (pairs * runs) * FORWARD_MAPS;
        float sum[FORWARD_MAPS][FORWARD_ROWS][2];
        #pragma unroll
        for (int t = 0; t < FORWARD_MAPS; t++) {
            #pragma unroll
            for (int k = 0; k < FORWARD_ROWS; k++) {
                sum[t][k][0] = b[o + t];
                sum[t][k][1] = b[o + t];
            }
        }
        if (n < images) {
            for (int i = 0; i < IN_MAPS; i++) {
                __local const float *corner = x + n * FORWARD_IMAGE + (i * IN_H + r) * IN_W + c;
                float column[2][FORWARD_ROWS + FRAME]; // and its neighbour on the right
                #pragma unroll
                for (int k = 0; k < FORWARD_ROWS + FRAME; k++) {
                    column[0][k] = corner[k * IN_W];
                }
                #pragma unroll
                for (int v = 0; v < KERNEL; v++) {
                    #pragma unroll
                    for (int k = 0; k < FORWARD_ROWS + FRAME; k++) {
                        column[1 - v % 2][k] = corner[k * IN_W + v + 1];
                    }
                    #pragma unroll
                    for (int t = 0; t < FORWARD_MAPS; t++) {
                        #pragma unroll
                        for (int u = 0; u < KERNEL; u++) {
                            float weight = WEIGHT(o + t, i, u, v);
                            #pragma unroll
                            for (int k = 0; k < FORWARD_ROWS; k++) {
                                sum[t][k][0] += weight * column[v % 2][k + u];
                                sum[t][k][1] += weight * column[1 - v % 2][k + u];
                            }
                        }
                    }
                }
            }
            #pragma unroll
            for (int t = 0; t < FORWARD_MAPS; t++) {
                #pragma unroll
                for (int k = 0; k < FORWARD_ROWS; k++) {
                    __global float *pixel = kept + (size_t)n * STEP_BLOCK + ((o + t) * OUT_H + r + k) * OUT_W + c;
                    sum[t][k][0] = ACTIVATE(sum[t][k][0]);
                    sum[t][k][1] = ACTIVATE(sum[t][k][1]);
                    pixel[0] = sum[t][k][0];
                    pixel[1] = sum[t][k][1];
                }
                #pragma unroll
                for (int k = 0; k < FORWARD_ROWS; k += 2) {
                    float mean = 0.25f * (sum[t][k][0] + sum[t][k][1] + sum[t][k + 1][0] + sum[t][k + 1][1]);
                    y[n * FORWARD_IMAGE + ((o + t) * (OUT_H / 2) + (r + k) / 2) * pairs + c / 2] =
                            ACTIVATED(y_activation, mean);
                }
            }
        }
    }
}
#endif

#ifdef BACKWARD_MAPS
// dx[i, r, c] = sum over o, u, v of w[o, i, u, v] dy[o, r - u, c - v], terms outside dy being zero, times the derivative of
// x_activation.
// x, dx [IN_MAPS, IN_H, IN_W], dy [OUT_MAPS, OUT_H, OUT_W]. A work-item computes whole columns of BACKWARD_MAPS maps: as many as
// lie OUT_W apart, since all of them together need each column of dy and each of the five v once.
INLINE void NAMED(conv5x5_backward_columns)(__global const float *x, float4 x_activation, __local const float *dy,
                                            __local const float *w, __global float *dx, int most, int images) {
    const int items = IN_MAPS / BACKWARD_MAPS * OUT_W;
    for EACH(item, most * items) {
        int n = item / items;
        int c = item % OUT_W;
        int i = item % items / OUT_W * BACKWARD_MAPS;
        if (n < images) {
            float sum[BACKWARD_MAPS][IN_H];
            #pragma unroll
            for (int t = 0; t < BACKWARD_MAPS; t++) {
                #pragma unroll
                for (int r = 0; r < IN_H; r++) {
                    sum[t][r] = 0.0f;
                }
            }
            for (int v = 0; v < KERNEL; v++) {
                int dy_c = (c - v + KERNEL * OUT_W) % OUT_W;
                for (int o = 0; o < OUT_MAPS; o++) {
                    __local const float *column = dy + n * BACKWARD_IMAGE + o * OUT_H * OUT_W + dy_c;
                    float gradient[OUT_H];
                    #pragma unroll
                    for (int r = 0; r < OUT_H; r++) {
                        gradient[r] = column[r * OUT_W];
                    }
                    #pragma unroll
                    for (int t = 0; t < BACKWARD_MAPS; t++) {
                        #pragma unroll
                        for (int u = 0; u < KERNEL; u++) {
                            float weight = WEIGHT(o, i + t, u, v);
                            #pragma unroll
                            for (int r = 0; r < OUT_H; r++) {
                                sum[t][r + u] += weight * gradient[r];
                            }
                        }
                    }
                }
                if (v == FRAME || dy_c == 0) { // the next v, if any, is of another column of dx
                    #pragma unroll
                    for (int t = 0; t < BACKWARD_MAPS; t++) {
                        #pragma unroll
                        for (int r = 0; r < IN_H; r++) {
                            size_t at = (size_t)n * STEP_BLOCK + ((i + t) * IN_H + r) * IN_W + dy_c + v;
                            dx[at] = GRADIENT_BY_INPUT(sum[t][r], x[at]);
                            sum[t][r] = 0.0f;
                        }
                    }
                }
            }
        }
    }
}
#endif

#define GRADIENT_ITEMS (OUT_MAPS / GRADIENT_MAPS * IN_MAPS * RUNS)

// Adds an image's contribution to dw[o, i, u, v] = sum over r, c of dy[o, r, c] x[i, r + u, c + v], and of db[o] = sum of dy[o], to
// the work-item's sums: of GRADIENT_MAPS maps o, one i, and one of RUNS runs of columns.
INLINE void NAMED(conv5x5_gradient_add)(int item, __local const float *x, __local const float *dy,
                                        float sum[GRADIENT_MAPS][TAPS + 1]) {
    const int columns = OUT_W / RUNS;
    int first = item % RUNS * columns;
    int i = item / RUNS % IN_MAPS;
    int o = item / (RUNS * IN_MAPS) * GRADIENT_MAPS;
    for (int c = first; c < first + columns; c++) {
        __local const float *x_column = x + i * IN_H * IN_W + c;
        __local const float *dy_column = dy + o * OUT_H * OUT_W + c;
        float window[TAPS]; // of x, from row r and column c
        #pragma unroll
        for (int t = KERNEL; t < TAPS; t++) {
            window[t] = x_column[(t / KERNEL - 1) * IN_W + t % KERNEL];
        }
        for (int r = 0; r < OUT_H; r++) {
            #pragma unroll
            for (int t = 0; t < TAPS - KERNEL; t++) {
                window[t] = window[t + KERNEL];
            }
            #pragma unroll
            for (int v = 0; v < KERNEL; v++) {
                window[TAPS - KERNEL + v] = x_column[(r + FRAME) * IN_W + v];
            }
            #pragma unroll
            for (int m = 0; m < GRADIENT_MAPS; m++) {
                float gradient = dy_column[(m * OUT_H + r) * OUT_W];
                #pragma unroll
                for (int t = 0; t < TAPS; t++) {
                    sum[m][t] += gradient * window[t];
                }
                sum[m][TAPS] += gradient;
            }
        }
    }
}

// partial = the group's sums, those of the runs added in order; scratch [RUNS, weights + OUT_MAPS], partial [weights + OUT_MAPS].
INLINE void NAMED(conv5x5_gradient_leave)(int item, float sum[GRADIENT_MAPS][TAPS + 1], __local float *scratch,
                                          __global float *partial) {
    const int weights = OUT_MAPS * IN_MAPS * TAPS;
    const int learned = weights + OUT_MAPS;
    if (item < GRADIENT_ITEMS) {
        int i = item / RUNS % IN_MAPS;
        int o = item / (RUNS * IN_MAPS) * GRADIENT_MAPS;
        __local float *own = scratch + item % RUNS * learned;
        #pragma unroll
        for (int m = 0; m < GRADIENT_MAPS; m++) {
            #pragma unroll
            for (int t = 0; t < TAPS; t++) {
                own[((o + m) * IN_MAPS + i) * TAPS + t] = sum[m][t];
            }
            if (i == 0) {
                own[weights + o + m] = sum[m][TAPS];
            }
        }
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for EACH(k, learned) {
        float total = 0.0f;
        for (int run = 0; run < RUNS; run++) {
            total += scratch[run * learned + k];
        }
        partial[k] = total;
    }
}
