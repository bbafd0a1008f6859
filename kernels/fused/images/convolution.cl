// The convolutions of one image, by one work-group: forward, and the gradients by input and weights. Beside layers.cl, whose
// names it is written with, and included as often.
// Tuning: MAX_MAPS, MAX_PIXELS bound what a work-item computes at once.

#ifndef PROGRAM // by itself, as an example
# include "fused/images/layers.cl"
#define MAX_MAPS 2 // maps that a work-item of a convolution computes at once, at most
#define MAX_PIXELS 7 // neighbouring pixels of each, at most
#endif

// y[o, r, c] = b[o] + sum over i, u, v of w[o, i, u, v] x[i, r + u, c + v].
// x [in_maps, in_h, in_w], w [out_maps, in_maps, 5, 5], b [out_maps], y [out_maps, in_h - 4, in_w - 4]. A work-item computes
// a run of `rows` pixels below one another on each of `maps` maps, divisors of y's rows and maps.
INLINE void NAMED(conv5x5_forward)(IN const float *x, int in_maps, int in_h, int in_w, OUT float *y, int out_maps,
                                   float4 activation, WEIGHTS const float *w, WEIGHTS const float *b, int maps, int rows) {
    int out_h = in_h - FRAME;
    int out_w = in_w - FRAME;
    int runs = out_h / rows;
    for EACH(item, out_maps / maps * runs * out_w) {
        int c = item % out_w;
        int r = item / out_w % runs * rows;
        int o = item / (out_w * runs) * maps;
        float sum[MAX_MAPS][MAX_PIXELS];
        UNROLLED(t, maps, MAX_MAPS) {
            UNROLLED(k, rows, MAX_PIXELS) {
                sum[t][k] = b[o + t];
            }
        }
        for (int i = 0; i < in_maps; i++) {
            #pragma unroll
            for (int v = 0; v < KERNEL; v++) {
                float column[MAX_PIXELS + FRAME];
                UNROLLED(k, rows + FRAME, MAX_PIXELS + FRAME) {
                    column[k] = x[(i * in_h + r + k) * in_w + c + v];
                }
                UNROLLED(t, maps, MAX_MAPS) {
                    #pragma unroll
                    for (int u = 0; u < KERNEL; u++) {
                        float weight = w[((o + t) * in_maps + i) * TAPS + u * KERNEL + v];
                        UNROLLED(k, rows, MAX_PIXELS) {
                            sum[t][k] += weight * column[k + u];
                        }
                    }
                }
            }
        }
        UNROLLED(t, maps, MAX_MAPS) {
            UNROLLED(k, rows, MAX_PIXELS) {
                y[((o + t) * out_h + r + k) * out_w + c] = ACTIVATE(sum[t][k]);
            }
        }
    }
}

// dx[i, r, c] = sum over o, u, v of w[o, i, u, v] dy[o, r - u, c - v], terms outside dy being zero; in the place of x.
// A work-item computes `rows` pixels below one another on each of `maps` maps, divisors of x's rows and maps.
INLINE void NAMED(conv5x5_backward_input)(IN float *x, int in_maps, int in_h, int in_w, float4 x_activation,
                                          OUT const float *dy, int out_maps, WEIGHTS const float *w, int maps, int rows) {
    int out_h = in_h - FRAME;
    int out_w = in_w - FRAME;
    int runs = in_h / rows;
    for EACH(item, in_maps / maps * runs * in_w) {
        int c = item % in_w;
        int r = item / in_w % runs * rows;
        int i = item / (in_w * runs) * maps;
        float sum[MAX_MAPS][MAX_PIXELS];
        UNROLLED(t, maps, MAX_MAPS) {
            UNROLLED(k, rows, MAX_PIXELS) {
                sum[t][k] = 0.0f;
            }
        }
        for (int o = 0; o < out_maps; o++) {
            #pragma unroll
            for (int v = 0; v < KERNEL; v++) {
                int dy_c = c - v;
                float column[MAX_PIXELS + FRAME];
                UNROLLED(k, rows + FRAME, MAX_PIXELS + FRAME) {
                    int dy_r = r + k - FRAME;
                    bool inside = dy_r >= 0 && dy_r < out_h && dy_c >= 0 && dy_c < out_w;
                    column[k] = inside ? dy[(o * out_h + dy_r) * out_w + dy_c] : 0.0f;
                }
                UNROLLED(t, maps, MAX_MAPS) {
                    #pragma unroll
                    for (int u = 0; u < KERNEL; u++) {
                        float weight = w[(o * in_maps + i + t) * TAPS + u * KERNEL + v];
                        UNROLLED(k, rows, MAX_PIXELS) {
                            sum[t][k] += weight * column[k + FRAME - u];
                        }
                    }
                }
            }
        }
        UNROLLED(t, maps, MAX_MAPS) {
            UNROLLED(k, rows, MAX_PIXELS) {
                int at = ((i + t) * in_h + r + k) * in_w + c;
                x[at] = GRADIENT_BY_INPUT(sum[t][k], x[at]);
            }
        }
    }
}

// The image's contribution to dw[o, i, u, v] = sum over r, c of dy[o, r, c] x[i, r + u, c + v] and of db[o] = sum of dy[o]:
// contribution [out_maps * in_maps * 25 + out_maps], weights first.
// A work-item takes a pair of maps and one of `runs` equal runs of dy's columns, runs a divisor of them. If there are several,
// their sums [runs, weights + out_maps] go to scratch and are added in order.
INLINE void NAMED(conv5x5_backward_weights)(IN const float *x, int in_maps, int in_h, int in_w,
                                            OUT const float *dy, int out_maps, int runs,
                                            __local float *scratch, __global float *contribution) {
    int out_h = in_h - FRAME;
    int out_w = in_w - FRAME;
    int columns = out_w / runs;
    int weights = out_maps * in_maps * TAPS;
    int learned = weights + out_maps;
    for EACH(item, out_maps * in_maps * runs) {
        int run = item % runs;
        int i = item / runs % in_maps;
        int o = item / (runs * in_maps);
        float sum[TAPS];
        #pragma unroll
        for (int t = 0; t < TAPS; t++) {
            sum[t] = 0.0f;
        }
        float bias = 0.0f;
        for (int c = run * columns; c < (run + 1) * columns; c++) {
            IN const float *x_column = x + i * in_h * in_w + c;
            OUT const float *dy_column = dy + o * out_h * out_w + c;
            float window[TAPS]; // of x, from row r and column c
            #pragma unroll
            for (int t = KERNEL; t < TAPS; t++) {
                window[t] = x_column[(t / KERNEL - 1) * in_w + t % KERNEL];
            }
            for (int r = 0; r < out_h; r++) {
                #pragma unroll
                for (int t = 0; t < TAPS - KERNEL; t++) {
                    window[t] = window[t + KERNEL];
                }
                #pragma unroll
                for (int v = 0; v < KERNEL; v++) {
                    window[TAPS - KERNEL + v] = x_column[(r + FRAME) * in_w + v];
                }
                float gradient = dy_column[r * out_w];
                #pragma unroll
                for (int t = 0; t < TAPS; t++) {
                    sum[t] += gradient * window[t];
                }
                bias += gradient;
            }
        }
        #pragma unroll
        for (int t = 0; t < TAPS; t++) {
            int at = (o * in_maps + i) * TAPS + t;
            if (runs == 1) {
                contribution[at] = sum[t];
            } else {
                scratch[run * learned + at] = sum[t];
            }
        }
        if (i == 0) {
            if (runs == 1) {
                contribution[weights + o] = bias;
            } else {
                scratch[run * learned + weights + o] = bias;
            }
        }
    }
    if (runs > 1) {
        barrier(CLK_LOCAL_MEM_FENCE);
        for EACH(k, learned) {
            float total = 0.0f;
            for (int run = 0; run < runs; run++) {
                total += scratch[run * learned + k];
            }
            contribution[k] = total;
        }
    }
}
