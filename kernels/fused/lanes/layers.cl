// The layers of a block of LANES images, by one work-item: forward, and the gradients by their inputs; the convolutions, by
// their weights too, are in convolution.cl.
//
// Everything is in global memory, that is to say in the caches; NAMED(f) is f's name for that.
// Tuning: MAX_ROWS bounds the tile of a dense layer that stays in registers and, for the gradient by weights, MAX_OUTPUTS and
// MAX_COLUMNS.
//
// A feature is a REAL, a vector with one lane an image. A slot of memory holds a layer's output, and on the way back, in its
// place, the gradient by it. `activation` is applied to a layer's sums at once: the slot then holds
// y = activation(sum), and later the gradient by the sum, which is the one by y times the derivative. `x_activation` is that
// of the layer's input.

#ifndef PROGRAM // by itself, as an example
#define LANES 16 // images a block
#define REAL float16 // a feature of a block
# include "common/tanh_rational.cl"
# include "common/input_pixel.cl"
# include "fused/common.cl"
#define NAMED(function) function##_global // a function's name
#define CONSTANT_LOGIT -INFINITY // of the loss
#define MAX_OUTPUTS 4 // outputs of a dense layer whose weights a work-item owns, at most
#define MAX_ROWS 16 // outputs of a dense layer, or inputs on the way back, that it computes at once, at most
#define MAX_COLUMNS 5 // vectors of inputs by which it forms the gradient by weights at once, at most
#endif

// The largest divisor of n up to MAX_COLUMNS, which is 8 at most.
#define DIVIDES(d, n) ((d) <= MAX_COLUMNS && (n) % (d) == 0)
#define DIVISOR(n) \
    (DIVIDES(8, n) ? 8 : DIVIDES(7, n) ? 7 : DIVIDES(6, n) ? 6 : DIVIDES(5, n) ? 5 : DIVIDES(4, n) ? 4 \
        : DIVIDES(3, n) ? 3 : DIVIDES(2, n) ? 2 : 1)

#define SYNC
// A REAL wherever a float may be: vload16 and vstore16 would go through halves of halves.
typedef REAL __attribute__((aligned(sizeof(float)))) UNALIGNED;
#define LANED(floats) ((__global REAL *)(floats))

// The sum of the lanes. (oclgrind takes v.lo and v.hi for uninitialized.)
INLINE float sum_of_lanes(REAL v) {
    const float8 *eights = (const float8 *)&v;
    float8 eight = eights[0] + eights[1];
    const float4 *fours = (const float4 *)&eight;
    float4 four = fours[0] + fours[1];
    return four.x + four.y + (four.z + four.w);
}

// y [h, w] = the input pixels of the images [size[0], size[1]] inside size[2] zeros on each side.
INLINE void NAMED(load_image)(__global float *y, __global const uchar **image, __global const int *size,
                              __global const float *scale, int h, int w) {
    for (int r = 0; r < h; r++) {
        for (int c = 0; c < w; c++) {
            int row = r - size[2];
            int column = c - size[2];
            REAL pixel = 0.0f;
            if (row >= 0 && row < size[0] && column >= 0 && column < size[1]) {
                uchar16 bytes;
                #pragma unroll
                for (int lane = 0; lane < LANES; lane++) {
                    ((uchar *)&bytes)[lane] = image[lane][row * size[1] + column];
                }
                pixel = convert_float16(bytes);
            }
            LANED(y)[r * w + c] = NORMALIZED(pixel, scale);
        }
    }
}

// to [LANES, count] = y, an image's numbers one behind the other. LANES features at a time are a square, which is transposed
// by merging its upper half with its lower, vector by vector, until every bit of an index has gone from one end to the other.
INLINE void NAMED(store)(__global const float *y, int count, __global float *to) {
    int squares = count / LANES;
    for (int square = 0; square < squares; square++) {
        REAL v[LANES];
        #pragma unroll
        for (int k = 0; k < LANES; k++) {
            v[k] = LANED(y)[square * LANES + k];
        }
        #pragma unroll
        for (int bit = 1; bit < LANES; bit *= 2) {
            REAL merged[LANES];
            #pragma unroll
            for (int k = 0; k < LANES / 2; k++) {
                REAL a = v[k];
                REAL b = v[k + LANES / 2];
                merged[2 * k] = (REAL)(a.s0, b.s0, a.s1, b.s1, a.s2, b.s2, a.s3, b.s3,
                                       a.s4, b.s4, a.s5, b.s5, a.s6, b.s6, a.s7, b.s7);
                merged[2 * k + 1] = (REAL)(a.s8, b.s8, a.s9, b.s9, a.sa, b.sa, a.sb, b.sb,
                                           a.sc, b.sc, a.sd, b.sd, a.se, b.se, a.sf, b.sf);
            }
            #pragma unroll
            for (int k = 0; k < LANES; k++) {
                v[k] = merged[k];
            }
        }
        #pragma unroll
        for (int lane = 0; lane < LANES; lane++) {
            *(__global UNALIGNED *)(to + lane * count + square * LANES) = v[lane];
        }
    }
    for (int k = squares * LANES; k < count; k++) {
        for (int lane = 0; lane < LANES; lane++) {
            to[lane * count + k] = y[k * LANES + lane];
        }
    }
}

// y[m, r, c] = mean of x[m, 2 r .. 2 r + 1, 2 c .. 2 c + 1]; x [maps, in_h, in_w], y [maps, in_h / 2, in_w / 2].
INLINE void NAMED(average_pool2x2_forward)(__global const float *x, int maps, int in_h, int in_w, __global float *y, float4 activation) {
    int out_h = in_h / 2;
    int out_w = in_w / 2;
    for (int row = 0; row < maps * out_h; row++) {
        for (int c = 0; c < out_w; c++) {
            __global const REAL *square = LANED(x) + 2 * (row * in_w + c);
            REAL sum = square[0] + square[1] + square[in_w] + square[in_w + 1];
            LANED(y)[row * out_w + c] = ACTIVATE(0.25f * sum);
        }
    }
}

// dx[m, r, c] = dy[m, r / 2, c / 2] / 4; in the place of x.
INLINE void NAMED(average_pool2x2_backward)(__global float *x, int maps, int in_h, int in_w, float4 x_activation, __global const float *dy) {
    for (int row = 0; row < maps * in_h; row++) {
        for (int c = 0; c < in_w; c++) {
            __global REAL *dx = LANED(x) + row * in_w + c;
            *dx = GRADIENT_BY_INPUT(0.25f * LANED(dy)[row / 2 * (in_w / 2) + c / 2], *dx);
        }
    }
}

// y[o] = b[o] + sum over i of w[o, i] x[i] for the outputs from o on, `rows` of them.
INLINE void NAMED(dense_forward_rows)(__global const float *x, int inputs, __global float *y, float4 activation, __global const float *w,
                                      __global const float *b, int o, int rows) {
    REAL sum[MAX_ROWS];
    UNROLLED(t, rows, MAX_ROWS) {
        sum[t] = b[o + t];
    }
    for (int i = 0; i < inputs; i++) {
        REAL value = LANED(x)[i];
        UNROLLED(t, rows, MAX_ROWS) {
            sum[t] += w[(o + t) * inputs + i] * value;
        }
    }
    UNROLLED(t, rows, MAX_ROWS) {
        LANED(y)[o + t] = ACTIVATE(sum[t]);
    }
}

// y[o] = b[o] + sum over i of w[o, i] x[i]; x [inputs], w [outputs, inputs], b, y [outputs].
INLINE void NAMED(dense_forward)(__global const float *x, int inputs, __global float *y, int outputs, float4 activation,
                                 __global const float *w, __global const float *b) {
    int left = outputs % MAX_ROWS;
    for (int o = 0; o < outputs - left; o += MAX_ROWS) {
        NAMED(dense_forward_rows)(x, inputs, y, activation, w, b, o, MAX_ROWS);
    }
    NAMED(dense_forward_rows)(x, inputs, y, activation, w, b, outputs - left, left);
}

// dx[i] = sum over o of w[o, i] dy[o] for the inputs from i on, `rows` of them.
INLINE void NAMED(dense_backward_input_rows)(__global float *x, int inputs, float4 x_activation, __global const float *dy, int outputs,
                                             __global const float *w, int i, int rows) {
    REAL sum[MAX_ROWS];
    UNROLLED(t, rows, MAX_ROWS) {
        sum[t] = 0.0f;
    }
    for (int o = 0; o < outputs; o++) {
        REAL gradient = LANED(dy)[o];
        UNROLLED(t, rows, MAX_ROWS) {
            sum[t] += w[o * inputs + i + t] * gradient;
        }
    }
    UNROLLED(t, rows, MAX_ROWS) {
        __global REAL *dx = LANED(x) + i + t;
        *dx = GRADIENT_BY_INPUT(sum[t], *dx);
    }
}

// dx[i] = sum over o of w[o, i] dy[o]; in the place of x.
INLINE void NAMED(dense_backward_input)(__global float *x, int inputs, float4 x_activation, __global const float *dy, int outputs,
                                        __global const float *w) {
    int left = inputs % MAX_ROWS;
    for (int i = 0; i < inputs - left; i += MAX_ROWS) {
        NAMED(dense_backward_input_rows)(x, inputs, x_activation, dy, outputs, w, i, MAX_ROWS);
    }
    NAMED(dense_backward_input_rows)(x, inputs, x_activation, dy, outputs, w, inputs - left, left);
}

// y = x through `activation`; both [count]. Only where it cannot be applied at once: behind the input, or behind another.
INLINE void NAMED(tanh_forward)(__global const float *x, int count, __global float *y, float4 activation) {
    for (int k = 0; k < count; k++) {
        LANED(y)[k] = ACTIVATE(LANED(x)[k]);
    }
}

// dx = dy, which is by the activation's argument already; in the place of x.
INLINE void NAMED(tanh_backward)(__global float *x, int count, float4 x_activation, __global const float *dy) {
    for (int k = 0; k < count; k++) {
        __global REAL *dx = LANED(x) + k;
        *dx = GRADIENT_BY_INPUT(LANED(dy)[k], *dx);
    }
}

// outcome[lane, 0] += log(sum over k of exp(x[k])) - x[label]; outcome[lane, 1] += 1 where the largest x (the first of
// equals) is the label's; the largest is subtracted first, so no exponential overflows. If `backward`, x[k] becomes the
// gradient by it of the mean loss of `batch` images, (exp(x[k]) / sum - (k == label)) / batch. x [classes].
// A lane without an image, whose label is negative, has neither an outcome nor a gradient.
INLINE void NAMED(softmax_cross_entropy)(__global float *x, int classes, float4 x_activation, bool backward, const int *label, int batch,
                                         __global float *outcome) {
    REAL maximum = LANED(x)[0];
    for (int k = 1; k < classes; k++) {
        maximum = max(maximum, LANED(x)[k]);
    }
    maximum = LARGEST_EXPONENT(maximum);
    REAL sum = CONSTANT_EXPONENTIAL(maximum);
    for (int k = 0; k < classes; k++) {
        sum += exp(LANED(x)[k] - maximum);
    }
    for (int lane = 0; lane < LANES; lane++) {
        if (label[lane] >= 0) {
            int largest = 0;
            for (int k = 1; k < classes; k++) {
                largest = x[k * LANES + lane] > x[largest * LANES + lane] ? k : largest;
            }
            float loss = log(((const float *)&sum)[lane]) + (((const float *)&maximum)[lane] - x[label[lane] * LANES + lane]);
            outcome[2 * lane] += loss;
            outcome[2 * lane + 1] += largest == label[lane];
        }
    }
    if (backward) {
        for (int k = 0; k < classes; k++) {
            for (int lane = 0; lane < LANES; lane++) {
                float y = x[k * LANES + lane];
                float e = exp(y - ((const float *)&maximum)[lane]) / ((const float *)&sum)[lane];
                float gradient = label[lane] < 0 ? 0.0f : (e - (k == label[lane] ? 1.0f : 0.0f)) / batch;
                x[k * LANES + lane] = GRADIENT_BY_INPUT(gradient, y);
            }
        }
    }
}
