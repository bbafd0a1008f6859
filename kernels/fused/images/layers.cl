// The layers of one image, by one work-group: forward, and the gradients by their inputs and weights.
//
// Included once for each combination of memory spaces that a layer's input and output and a convolution's weights lie in:
//   IN, OUT   __local or __global: the space of the layer's input x and its output y
//   WEIGHTS   that of a convolution's w and b
//   NAMED(f)  f's name for them
// Tuning: GROUP, work-items of a group; MAX_MAPS, MAX_PIXELS bound what a work-item of a convolution computes at once.
//
// A slot of memory holds a layer's output, and on the way back, in its place, the gradient by it. `activation` is applied
// to a layer's sums at once: the slot then holds y = activation(sum), and later the gradient by the sum, which is the one by y
// times the derivative. `x_activation` is that of the layer's input.
// Work-items take the elements of a layer in turns. Callers put a barrier behind every function that writes a slot.
// Loops over the dense layers' weights are unrolled so that many of their loads are under way at once.

#ifndef PROGRAM // by itself, as an example
# include "common/tanh_rational.cl"
# include "common/input_pixel.cl"
# include "fused/common.cl"
#define IN __local // where a layer's input is
#define OUT __local // where its output is
#define WEIGHTS __global // where a convolution's weights are
#define NAMED(function) function##_local // a function's name for these
#define FENCE CLK_LOCAL_MEM_FENCE // what work-items have to see of one another's writes
#define GROUP 256 // work-items that share a block
#define MAX_MAPS 2 // maps that a work-item of a convolution computes at once, at most
#define MAX_PIXELS 7 // neighbouring pixels of each, at most
#define CONSTANT_LOGIT -INFINITY // of the loss
#define MAX_OUTPUTS 4 // outputs of a dense layer whose weights by one input a work-item owns, at most
#endif

#define SYNC barrier(FENCE)
#define EACH(i, count) (int i = get_local_id(0); i < (count); i += GROUP)

// y [h, w] = the input pixels of image [size[0], size[1]] inside size[2] zeros on each side.
INLINE void NAMED(load_image)(OUT float *y, __global const uchar *image, __global const int *size,
                              __global const float *scale, int h, int w) {
    for EACH(k, h * w) {
        y[k] = input_pixel(image, size[0], size[1], k / w - size[2], k % w - size[2], scale);
    }
}

// to = y, count numbers.
INLINE void NAMED(store)(OUT const float *y, int count, __global float *to) {
    for EACH(k, count) {
        to[k] = y[k];
    }
}

// y = from, count numbers.
INLINE void NAMED(fetch)(OUT float *y, __global const float *from, int count) {
    #pragma unroll 8
    for EACH(k, count) {
        y[k] = from[k];
    }
}

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

// y[m, r, c] = mean of x[m, 2 r .. 2 r + 1, 2 c .. 2 c + 1]; x [maps, in_h, in_w], y [maps, in_h / 2, in_w / 2].
INLINE void NAMED(average_pool2x2_forward)(IN const float *x, int maps, int in_h, int in_w, OUT float *y, float4 activation) {
    int out_h = in_h / 2;
    int out_w = in_w / 2;
    for EACH(k, maps * out_h * out_w) {
        IN const float *square = x + 2 * (k / out_w * in_w + k % out_w);
        float sum = square[0] + square[1] + square[in_w] + square[in_w + 1];
        y[k] = ACTIVATE(0.25f * sum);
    }
}

// dx[m, r, c] = dy[m, r / 2, c / 2] / 4; in the place of x.
INLINE void NAMED(average_pool2x2_backward)(IN float *x, int maps, int in_h, int in_w, float4 x_activation, OUT const float *dy) {
    for EACH(k, maps * in_h * in_w) {
        x[k] = GRADIENT_BY_INPUT(0.25f * dy[k / in_w / 2 * (in_w / 2) + k % in_w / 2], x[k]);
    }
}

// y[o] = b[o] + sum over i of w[o, i] x[i]; x [inputs], w [outputs, inputs], b, y [outputs].
// `parts` neighbouring work-items divide the sum of an output, so that they read neighbouring weights; their sums [outputs, parts] go to
// scratch, if there are several, and are added in order.
INLINE void NAMED(dense_forward)(IN const float *x, int inputs, OUT float *y, int outputs, float4 activation,
                                 __global const float *w, __global const float *b, int parts, __local float *scratch) {
    for EACH(item, outputs * parts) {
        int o = item / parts;
        float sum = 0.0f;
        #pragma unroll 16
        for (int i = item % parts; i < inputs; i += parts) {
            sum += w[o * inputs + i] * x[i];
        }
        if (parts == 1) {
            y[o] = ACTIVATE(sum + b[o]);
        } else {
            scratch[item] = sum;
        }
    }
    if (parts > 1) {
        barrier(CLK_LOCAL_MEM_FENCE);
        for EACH(o, outputs) {
            float sum = b[o];
            for (int part = 0; part < parts; part++) {
                sum += scratch[o * parts + part];
            }
            y[o] = ACTIVATE(sum);
        }
    }
}

// dx[i] = sum over o of w[o, i] dy[o]; in the place of x.
INLINE void NAMED(dense_backward_input)(IN float *x, int inputs, float4 x_activation, OUT const float *dy, int outputs,
                                        __global const float *w) {
    for EACH(i, inputs) {
        float sum = 0.0f;
        #pragma unroll 16
        for (int o = 0; o < outputs; o++) {
            sum += w[o * inputs + i] * dy[o];
        }
        x[i] = GRADIENT_BY_INPUT(sum, x[i]);
    }
}

// y = x through `activation`; both [count]. Only where it cannot be applied at once: behind the input, or behind another.
INLINE void NAMED(tanh_forward)(IN const float *x, int count, OUT float *y, float4 activation) {
    for EACH(k, count) {
        y[k] = ACTIVATE(x[k]);
    }
}

// dx = dy, which is by the activation's argument already; in the place of x.
INLINE void NAMED(tanh_backward)(IN float *x, int count, float4 x_activation, OUT const float *dy) {
    for EACH(k, count) {
        x[k] = GRADIENT_BY_INPUT(dy[k], x[k]);
    }
}

// The k of the largest x[k], the first of equals; x [classes], `stride` apart.
INLINE int NAMED(largest_of)(IN const float *x, int classes, int stride) {
    int largest = 0;
    for (int k = 1; k < classes; k++) {
        largest = x[k * stride] > x[largest * stride] ? k : largest;
    }
    return largest;
}

// exp(CONSTANT_LOGIT - maximum) + sum over k of exp(x[k] - maximum); x [classes], `stride` apart.
INLINE float NAMED(exponentials_of)(IN const float *x, int classes, int stride, float maximum) {
    float sum = CONSTANT_EXPONENTIAL(maximum);
    for (int k = 0; k < classes; k++) {
        sum += exp(x[k * stride] - maximum);
    }
    return sum;
}

// outcome[0] += log(sum) - x[label], sum = exp(CONSTANT_LOGIT) + sum over k of exp(x[k]); outcome[1] += 1 where the largest x (the first of equals) is the
// label's; no outcome if it is 0. The largest exponent is subtracted first, so none overflows. If `backward`, x[k] becomes the
// gradient by it of the mean loss of `batch` images, (exp(x[k]) / sum - (k == label)) / batch. x [classes].
INLINE void NAMED(softmax_cross_entropy)(IN float *x, int classes, float4 x_activation, bool backward, int label, int batch,
                                         __global float *outcome) {
    int largest = NAMED(largest_of)(x, classes, 1);
    float maximum = LARGEST_EXPONENT(x[largest]);
    float sum = NAMED(exponentials_of)(x, classes, 1, maximum);
    if (get_local_id(0) == 0 && outcome) {
        outcome[0] += log(sum) + (maximum - x[label]);
        outcome[1] += largest == label;
    }
    if (backward) {
        SYNC; // everyone has read x
        for EACH(k, classes) {
            float gradient = (exp(x[k] - maximum) / sum - (k == label ? 1.0f : 0.0f)) / batch;
            x[k] = GRADIENT_BY_INPUT(gradient, x[k]);
        }
    }
}
