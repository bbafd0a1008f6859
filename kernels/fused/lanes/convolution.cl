// The convolutions of a block of LANES images, by one work-item: forward, and the gradients by input and weights. Beside
// layers.cl, whose names it is written with.
// Tuning: MAX_MAPS, MAX_PIXELS bound the tile that stays in registers.

#ifndef PROGRAM // by itself, as an example
# include "fused/lanes/layers.cl"
#define MAX_MAPS 4 // maps that a work-item of a convolution computes at once, at most
#define MAX_PIXELS 7 // neighbouring pixels of each, at most
#endif

// y[o, r, c] = b[o] + sum over i, u, v of w[o, i, u, v] x[i, r + u, c + v].
// x [in_maps, in_h, in_w], w [out_maps, in_maps, 5, 5], b [out_maps], y [out_maps, in_h - 4, in_w - 4]. A tile is `columns`
// neighbouring pixels of `maps` maps, divisors of y's. A row of taps takes the pixels it needs once for all of them.
INLINE void NAMED(conv5x5_forward)(__global const float *x, int in_maps, int in_h, int in_w, __global float *y, int out_maps,
                                   float4 activation, __global const float *w, __global const float *b, int maps, int columns) {
    int out_h = in_h - FRAME;
    int out_w = in_w - FRAME;
    for (int r = 0; r < out_h; r++) {
        for (int o = 0; o < out_maps; o += maps) {
            for (int c = 0; c < out_w; c += columns) {
                REAL sum[MAX_MAPS][MAX_PIXELS];
                UNROLLED(t, maps, MAX_MAPS) {
                    UNROLLED(k, columns, MAX_PIXELS) {
                        sum[t][k] = b[o + t];
                    }
                }
                for (int i = 0; i < in_maps; i++) {
                    #pragma unroll 1
                    for (int u = 0; u < KERNEL; u++) {
                        __global const REAL *x_row = LANED(x) + (i * in_h + r + u) * in_w + c;
                        __global const float *w_row = w + (o * in_maps + i) * TAPS + u * KERNEL;
                        REAL pixel[MAX_PIXELS + FRAME];
                        UNROLLED(k, columns + FRAME, MAX_PIXELS + FRAME) {
                            pixel[k] = x_row[k];
                        }
                        UNROLLED(t, maps, MAX_MAPS) {
                            #pragma unroll
                            for (int v = 0; v < KERNEL; v++) {
                                float weight = w_row[t * in_maps * TAPS + v];
                                UNROLLED(k, columns, MAX_PIXELS) {
                                    sum[t][k] += weight * pixel[k + v];
                                }
                            }
                        }
                    }
                }
                UNROLLED(t, maps, MAX_MAPS) {
                    UNROLLED(k, columns, MAX_PIXELS) {
                        LANED(y)[((o + t) * out_h + r) * out_w + c + k] = ACTIVATE(sum[t][k]);
                    }
                }
            }
        }
    }
}

// dx[i, r, c] = sum over o, u, v of w[o, i, u, v] dy[o, r - u, c - v], terms outside dy left out; in the place of x.
// For row r of the maps from i on and the columns from c on: a tile. If `inside`, dy has all columns that it needs.
INLINE void NAMED(conv5x5_backward_input_tile)(__global float *x, int in_maps, int in_h, int in_w, float4 x_activation,
                                               __global const float *dy, int out_maps, __global const float *w, int maps,
                                               int columns, int i, int r, int c, bool inside) {
    int out_h = in_h - FRAME;
    int out_w = in_w - FRAME;
    int first_u = max(0, r - out_h + 1);
    int last_u = min(KERNEL - 1, r);
    REAL sum[MAX_MAPS][MAX_PIXELS];
    UNROLLED(t, maps, MAX_MAPS) {
        UNROLLED(k, columns, MAX_PIXELS) {
            sum[t][k] = 0.0f;
        }
    }
    for (int o = 0; o < out_maps; o++) {
        #pragma unroll 1
        for (int u = first_u; u <= last_u; u++) {
            __global const REAL *dy_row = LANED(dy) + (o * out_h + r - u) * out_w + c;
            __global const float *w_row = w + (o * in_maps + i) * TAPS + u * KERNEL;
            UNROLLED(t, maps, MAX_MAPS) {
                #pragma unroll
                for (int v = 0; v < KERNEL; v++) {
                    float weight = w_row[t * TAPS + v];
                    UNROLLED(k, columns, MAX_PIXELS) {
                        if (inside || (c + k - v >= 0 && c + k - v < out_w)) {
                            sum[t][k] += weight * dy_row[k - v];
                        }
                    }
                }
            }
        }
    }
    UNROLLED(t, maps, MAX_MAPS) {
        UNROLLED(k, columns, MAX_PIXELS) {
            __global REAL *dx = LANED(x) + ((i + t) * in_h + r) * in_w + c + k;
            *dx = GRADIENT_BY_INPUT(sum[t][k], *dx);
        }
    }
}

// The same for all of dx. A tile is `columns` neighbouring pixels of `maps` maps, divisors of x's.
INLINE void NAMED(conv5x5_backward_input)(__global float *x, int in_maps, int in_h, int in_w, float4 x_activation,
                                          __global const float *dy, int out_maps, __global const float *w, int maps, int columns) {
    for (int r = 0; r < in_h; r++) {
        for (int i = 0; i < in_maps; i += maps) {
            NAMED(conv5x5_backward_input_tile)
                (x, in_maps, in_h, in_w, x_activation, dy, out_maps, w, maps, columns, i, r, 0, false);
            for (int c = columns; c < in_w - columns; c += columns) {
                NAMED(conv5x5_backward_input_tile)
                    (x, in_maps, in_h, in_w, x_activation, dy, out_maps, w, maps, columns, i, r, c, columns >= FRAME);
            }
            if (columns < in_w) {
                NAMED(conv5x5_backward_input_tile)
                    (x, in_maps, in_h, in_w, x_activation, dy, out_maps, w, maps, columns, i, r, in_w - columns, false);
            }
        }
    }
}

// The block's contribution to dw[o, i, u, v] = sum over images, r, c of dy[o, r, c] x[i, r + u, c + v] and of db[o] = sum of dy[o]:
// contribution [out_maps * in_maps * 25 + out_maps], weights first. A tile is a row of taps of `maps` maps; `columns` neighbouring
// pixels go by at a time.
INLINE void NAMED(conv5x5_backward_weights)(__global const float *x, int in_maps, int in_h, int in_w,
                                            __global const float *dy, int out_maps, int maps, int columns, __global float *contribution) {
    int out_h = in_h - FRAME;
    int out_w = in_w - FRAME;
    int weights = out_maps * in_maps * TAPS;
    for (int o = 0; o < out_maps; o += maps) {
        for (int i = 0; i < in_maps; i++) {
            for (int u = 0; u < KERNEL; u++) {
                REAL sum[MAX_MAPS][KERNEL];
                UNROLLED(t, maps, MAX_MAPS) {
                    #pragma unroll
                    for (int v = 0; v < KERNEL; v++) {
                        sum[t][v] = 0.0f;
                    }
                }
                for (int r = 0; r < out_h; r++) {
                    #pragma unroll 1
                    for (int c = 0; c < out_w; c += columns) {
                        __global const REAL *x_row = LANED(x) + (i * in_h + r + u) * in_w + c;
                        __global const REAL *dy_row = LANED(dy) + (o * out_h + r) * out_w + c;
                        REAL pixel[MAX_PIXELS + FRAME];
                        UNROLLED(k, columns + FRAME, MAX_PIXELS + FRAME) {
                            pixel[k] = x_row[k];
                        }
                        UNROLLED(t, maps, MAX_MAPS) {
                            UNROLLED(k, columns, MAX_PIXELS) {
                                REAL gradient = dy_row[t * out_h * out_w + k];
                                #pragma unroll
                                for (int v = 0; v < KERNEL; v++) {
                                    sum[t][v] += gradient * pixel[k + v];
                                }
                            }
                        }
                    }
                }
                UNROLLED(t, maps, MAX_MAPS) {
                    #pragma unroll
                    for (int v = 0; v < KERNEL; v++) {
                        contribution[((o + t) * in_maps + i) * TAPS + u * KERNEL + v] = sum_of_lanes(sum[t][v]);
                    }
                }
            }
        }
    }
    for (int o = 0; o < out_maps; o++) {
        REAL sum = 0.0f;
        for (int k = 0; k < out_h * out_w; k++) {
            sum += LANED(dy)[o * out_h * out_w + k];
        }
        contribution[weights + o] = sum_of_lanes(sum);
    }
}
