#define MAX_COLUMNS 5
#define MAX_MAPS 4
#define MAX_OUTPUTS 4
#define MAX_PIXELS 7
#define MAX_ROWS 16
#define PROGRAM
#define STEP_LOCAL 1
#define STEP_BLOCK 7168
#define STEP_WEIGHT_GROUPS 9
#define EVALUATE_LOCAL 1
#define EVALUATE_BLOCK 6400
#define FENCE (CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#define CONSTANT_LOGIT -INFINITY
#define STEP_IMAGES \
    load_image_global(slots + 0, image, size, scale, 20, 16); \
    SYNC; \
    /* 0 AveragePool2x2[], tanh */ \
    average_pool2x2_forward_global(slots + 0, 1, 20, 16, slots + 5120, TANH(1.0f, 1.0f)); \
    SYNC; \
    /* 2 Conv5x5[maps=4], tanh */ \
    conv5x5_forward_global(slots + 5120, 1, 10, 8, slots + 0, 4, TANH(1.0f, 1.0f), parameters + 0, parameters + 100, 4, 4); \
    SYNC; \
    /* 4 Tanh[] */ \
    tanh_forward_global(slots + 0, 96, slots + 1536, TANH(1.0f, 1.0f)); \
    SYNC; \
    /* 5 AveragePool2x2[] */ \
    average_pool2x2_forward_global(slots + 1536, 4, 6, 4, slots + 3072, IDENTITY); \
    SYNC; \
    /* 7 Dense[units=7], tanh */ \
    store_global(slots + 3072, 24, block + 6512); \
    dense_forward_global(slots + 3072, 24, slots + 3456, 7, TANH(1.0f, 1.0f), parameters + 104, parameters + 272); \
    SYNC; \
    /* 9 Tanh[] */ \
    tanh_forward_global(slots + 3456, 7, slots + 3568, TANH(1.0f, 1.0f)); \
    SYNC; \
    /* 10 Dense[units=3], tanh */ \
    store_global(slots + 3568, 7, block + 7008); \
    dense_forward_global(slots + 3568, 7, slots + 3680, 3, TANH(1.0f, 1.0f), parameters + 279, parameters + 300); \
    SYNC; \
    /* loss */ \
    softmax_cross_entropy_global(slots + 3680, 3, TANH(1.0f, 1.0f), true, label, batch, outcome); \
    SYNC; \
    /* 10 Dense[units=3], tanh */ \
    store_global(slots + 3680, 3, block + 7120); \
    dense_backward_input_global(slots + 3568, 7, TANH(1.0f, 1.0f), slots + 3680, 3, parameters + 279); \
    SYNC; \
    /* 9 Tanh[] */ \
    tanh_backward_global(slots + 3456, 7, TANH(1.0f, 1.0f), slots + 3568); \
    SYNC; \
    /* 7 Dense[units=7], tanh */ \
    store_global(slots + 3456, 7, block + 6896); \
    dense_backward_input_global(slots + 3072, 24, IDENTITY, slots + 3456, 7, parameters + 104); \
    SYNC; \
    /* 5 AveragePool2x2[] */ \
    average_pool2x2_backward_global(slots + 1536, 4, 6, 4, TANH(1.0f, 1.0f), slots + 3072); \
    SYNC; \
    /* 4 Tanh[] */ \
    tanh_backward_global(slots + 0, 96, TANH(1.0f, 1.0f), slots + 1536); \
    SYNC; \
    /* 2 Conv5x5[maps=4], tanh */ \
    conv5x5_backward_weights_global(slots + 5120, 1, 10, 8, slots + 0, 4, 4, 4, block + 6400);

#define EVALUATE_IMAGES \
    load_image_global(slots + 0, image, size, scale, 20, 16); \
    SYNC; \
    /* 0 AveragePool2x2[], tanh */ \
    average_pool2x2_forward_global(slots + 0, 1, 20, 16, slots + 5120, TANH(1.0f, 1.0f)); \
    SYNC; \
    /* 2 Conv5x5[maps=4], tanh */ \
    conv5x5_forward_global(slots + 5120, 1, 10, 8, slots + 0, 4, TANH(1.0f, 1.0f), parameters + 0, parameters + 100, 4, 4); \
    SYNC; \
    /* 4 Tanh[] */ \
    tanh_forward_global(slots + 0, 96, slots + 1536, TANH(1.0f, 1.0f)); \
    SYNC; \
    /* 5 AveragePool2x2[] */ \
    average_pool2x2_forward_global(slots + 1536, 4, 6, 4, slots + 0, IDENTITY); \
    SYNC; \
    /* 7 Dense[units=7], tanh */ \
    dense_forward_global(slots + 0, 24, slots + 384, 7, TANH(1.0f, 1.0f), parameters + 104, parameters + 272); \
    SYNC; \
    /* 9 Tanh[] */ \
    tanh_forward_global(slots + 384, 7, slots + 0, TANH(1.0f, 1.0f)); \
    SYNC; \
    /* 10 Dense[units=3], tanh */ \
    dense_forward_global(slots + 0, 7, slots + 112, 3, TANH(1.0f, 1.0f), parameters + 279, parameters + 300); \
    SYNC; \
    /* loss */ \
    softmax_cross_entropy_global(slots + 112, 3, TANH(1.0f, 1.0f), false, label, batch, outcome); \
    store_global(slots + 112, 3, logits + n * 3);

#define STEP_WEIGHTS \
    /* 2 Conv5x5[maps=4], tanh */ \
    if (group < 1) conv5x5_step_weights((group - 0) * 1 + member, workspace + 6400, 104, target + 0, factor[0], batch); \
    /* 7 Dense[units=7], tanh */ \
    else if (group < 8) dense_step_weights((group - 1) * 1 + member, workspace + 6512, 24, workspace + 6896, 7, 1, target + 104, factor[0], batch); \
    /* 10 Dense[units=3], tanh */ \
    else if (group < 9) dense_step_weights((group - 8) * 1 + member, workspace + 7008, 7, workspace + 7120, 3, 3, target + 279, factor[0], batch);

#define LANES 16
#define REAL float16
// The hyperbolic tangent of REAL, a float or a vector of floats, for the kernels that need it.
//
// tanh(x) = x P(x^2) / Q(x^2) where |x| <= TANH_LIMIT, tanh(TANH_LIMIT) beyond. The coefficients, and what they are worth, are
// those of lenet5.ops.RationalTanh, which writes common/tanh_coefficients.cl. Without branches, so that it vectorizes on devices
// whose library function does not; written so that NaN stays NaN.

#ifndef REAL
#define REAL float
#endif

#define TANH_LIMIT 0x1.0p3f
#define TANH_P0 0x1.0p0f
#define TANH_P1 0x1.12b406p-3f
#define TANH_P2 0x1.cf3622p-9f
#define TANH_P3 0x1.648844p-16f
#define TANH_P4 0x1.ea48acp-27f
#define TANH_Q0 0x1.0p0f
#define TANH_Q1 0x1.deaf52p-2f
#define TANH_Q2 0x1.aa5b44p-6f
#define TANH_Q3 0x1.5f273cp-12f
#define TANH_Q4 0x1.b54938p-21f


REAL tanh_rational(REAL x) {
    REAL a = x > TANH_LIMIT ? (REAL)(TANH_LIMIT) : x;
    a = a < -TANH_LIMIT ? (REAL)(-TANH_LIMIT) : a;
    REAL u = a * a;
    REAL p = (REAL)(TANH_P4);
    p = fma(p, u, (REAL)(TANH_P3));
    p = fma(p, u, (REAL)(TANH_P2));
    p = fma(p, u, (REAL)(TANH_P1));
    p = fma(p, u, (REAL)(TANH_P0));
    REAL q = (REAL)(TANH_Q4);
    q = fma(q, u, (REAL)(TANH_Q3));
    q = fma(q, u, (REAL)(TANH_Q2));
    q = fma(q, u, (REAL)(TANH_Q1));
    q = fma(q, u, (REAL)(TANH_Q0));
    return a * p / q;
}

// A network's input, made of stored images.

// A pixel, or a vector of them, divided by scale[0], less scale[1].
#define NORMALIZED(pixel, scale) ((pixel) / (scale)[0] - (scale)[1])

// The pixel (row, column) of image [height, width], zero outside, normalized.
float input_pixel(__global const uchar *image, int height, int width, int row, int column, __global const float *scale) {
    bool inside = row >= 0 && row < height && column >= 0 && column < width;
    float pixel = inside ? image[row * width + column] : 0.0f;
    return NORMALIZED(pixel, scale);
}

// What the layers of all kinds of fused kernels are written with.
//
// All extents are literals in the calls of a layer's functions, so that once inlined every loop's bounds are known.

#define KERNEL 5
#define TAPS (KERNEL * KERNEL)
#define FRAME (KERNEL - 1)

#define INLINE static inline __attribute__((always_inline))
// A loop over 0 .. count - 1 whose body indexes an array that stays in registers. Compilers unroll it before they inline and so
// know `count`, a literal in the calls; `most` they know.
#define UNROLLED(k, count, most) _Pragma("unroll") for (int k = 0; k < (most); k++) if (k < (count))

// An activation is {A, S, A S, S / A} of A tanh(S x), all 0 for the identity: literals in the calls, so that once inlined
// nothing is left of a factor of 1.
#define TANH(amplitude, slope) (float4)(amplitude, slope, (amplitude) * (slope), (slope) / (amplitude))
#define IDENTITY (float4)(0.0f)
#define ACTIVATED(f, sum) ((f).x != 0.0f ? (f).x * tanh_rational((f).y * (sum)) : (sum))
#define DERIVATIVE(f, value) ((f).z - (f).w * (value) * (value))
#define ACTIVATE(sum) ACTIVATED(activation, sum)
#define GRADIENT_BY_INPUT(gradient, value) \
    (x_activation.x != 0.0f ? (gradient) * DERIVATIVE(x_activation, value) : (gradient))

// The loss has the network's logits and one more, CONSTANT_LOGIT, -INFINITY for none: of exponents the largest, or vectors of
// them, and what it adds to the sum.
#define HAS_CONSTANT (CONSTANT_LOGIT > -INFINITY)
#define LARGEST_EXPONENT(largest) (HAS_CONSTANT ? max(largest, CONSTANT_LOGIT) : (largest))
#define CONSTANT_EXPONENTIAL(maximum) (HAS_CONSTANT ? exp(CONSTANT_LOGIT - (maximum)) : 0.0f)

// images [count, size[0], size[1]], labels [count], order, indices of images; size {height, width, padding}, scale {white, mean}.
#define DATA_ARGUMENTS \
    __global const uchar *restrict images, __global const int *restrict labels, __global const int *restrict order, \
    __global const int *restrict size, __global const float *restrict scale
// The images first .. first + batch - 1 of the order; outcomes [batch, 2], losses and hits; workspace as each kernel says.
#define STEP_ARGUMENTS \
    DATA_ARGUMENTS, __global const float *restrict parameters, __global float *workspace, \
    __global float *restrict outcomes, int first, int batch

#undef IN
#undef OUT
#undef WEIGHTS
#undef NAMED
#define IN __global
#define OUT __global
#define WEIGHTS __global
#define NAMED(function) function##_global
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

// A whole training step in two launches, for CPUs: one work-item a block of LANES images, then one work-item a few weights.
//
// A feature is a vector of LANES floats, one an image. The layers' calls are generated from the network's description (see
// FusedSource) as macros over the names used here:
//   STEP_IMAGES      a block forward and back: what step_weights needs goes to the block of the workspace
//   EVALUATE_IMAGES  a block forward: losses, hits and logits
//   STEP_WEIGHTS     the gradients of the weights that a work-item owns
//   STEP_BLOCK, EVALUATE_BLOCK  floats of workspace a block
// Work-items are alone in their groups and as many as the device has cores. Each goes through its blocks in the slots of its
// first one, which so stay in its caches.
// Sums run in a fixed order, without atomics.

#ifndef PROGRAM // by itself, as an example
# include "fused/lanes/layers.cl"
#define STEP_BLOCK 16384 // floats
#define EVALUATE_BLOCK 16384
#define STEP_IMAGES load_image_global(slots, image, size, scale, 32, 32); store_global(slots, 1024, block);
#define EVALUATE_IMAGES load_image_global(slots, image, size, scale, 32, 32); store_global(slots, 10, logits);
#define STEP_WEIGHTS conv5x5_step_weights(member, workspace, 64, target, factor[0], batch);
#endif

// The lanes of the images first + n .. of the order, of which `batch` are the batch's; a lane without one has label -1 and
// points to the first image, so that it computes something finite.
#define GATHER(n) \
    __global const uchar *image[LANES]; \
    int label[LANES]; \
    for (int lane = 0; lane < LANES; lane++) { \
        bool used = (n) + lane < batch; \
        int index = order[first + (used ? (n) + lane : (n))]; \
        image[lane] = images + index * size[0] * size[1]; \
        label[lane] = used ? labels[index] : -1; \
    }

// Images n .. n + LANES - 1 of the batch that begins at `first` of the order, forward and back; see step_images.
INLINE void step_block(__global const uchar *images, __global const int *labels, __global const int *order,
                       __global const int *size, __global const float *scale, __global const float *parameters,
                       __global float *workspace, __global float *slots, __global float *outcomes,
                       __local float *local_values, int first, int batch, int n) {
    GATHER(n)
    __global float *block = workspace + (size_t)(n / LANES) * STEP_BLOCK;
    __global float *outcome = outcomes + 2 * n;
    STEP_IMAGES
}

// to[k] += v[k] for the first `count` of the lanes, or all if there are more.
INLINE void add(__global float *to, REAL v, int count) {
    if (count >= LANES) {
        *(__global UNALIGNED *)to += v;
    } else {
        const float *lanes = (const float *)&v;
        for (int k = 0; k < count; k++) {
            to[k] += lanes[k];
        }
    }
}

// target[k] += factor sum over blocks of contributions[block, k], k < learned; contributions [blocks, STEP_BLOCK] from the layer's
// place on. The one work-item owns all k, a vector of them at a time.
INLINE void conv5x5_step_weights(int item, __global const float *contributions, int learned, __global float *target,
                                 float factor, int batch) {
    for (int k = 0; k < learned; k += LANES) {
        REAL sum = 0.0f;
        for (int n = 0; n < batch; n += LANES) {
            sum += *(__global const REAL *)(contributions + (size_t)(n / LANES) * STEP_BLOCK + k);
        }
        add(target + k, factor * sum, learned - k);
    }
}

// target[o, i] += factor sum over n of dy[n, o] x[n, i], and likewise behind the weights for the bias, whose x is 1.
// x [blocks, STEP_BLOCK], of which [LANES, inputs] from its place on, dy likewise [LANES, outputs]; target [outputs, inputs]
// and [outputs]. The work-item owns `tile` outputs, a divisor of them, and takes vectors of inputs. Lanes without an image
// have no dy.
INLINE void dense_step_weights(int item, __global const float *x, int inputs, __global const float *dy, int outputs,
                               int tile, __global float *target, float factor, int batch) {
    int vectors = (inputs + LANES - 1) / LANES;
    int columns = DIVISOR(vectors);
    int o = item * tile;
    float bias[MAX_OUTPUTS];
    UNROLLED(t, tile, MAX_OUTPUTS) {
        bias[t] = 0.0f;
    }
    for (int n = 0; n < batch; n += LANES) {
        __global const float *gradient = dy + (size_t)(n / LANES) * STEP_BLOCK + o;
        for (int lane = 0; lane < LANES; lane++) {
            UNROLLED(t, tile, MAX_OUTPUTS) {
                bias[t] += gradient[lane * outputs + t];
            }
        }
    }
    UNROLLED(t, tile, MAX_OUTPUTS) {
        target[outputs * inputs + o + t] += factor * bias[t];
    }
    for (int i = 0; i < vectors; i += columns) {
        REAL sum[MAX_OUTPUTS][MAX_COLUMNS];
        UNROLLED(t, tile, MAX_OUTPUTS) {
            UNROLLED(k, columns, MAX_COLUMNS) {
                sum[t][k] = 0.0f;
            }
        }
        for (int n = 0; n < batch; n += LANES) {
            __global const float *value = x + (size_t)(n / LANES) * STEP_BLOCK + i * LANES;
            __global const float *gradient = dy + (size_t)(n / LANES) * STEP_BLOCK + o;
            for (int lane = 0; lane < LANES; lane++) {
                REAL column[MAX_COLUMNS];
                UNROLLED(k, columns, MAX_COLUMNS) {
                    column[k] = ((__global const UNALIGNED *)(value + lane * inputs))[k];
                }
                UNROLLED(t, tile, MAX_OUTPUTS) {
                    UNROLLED(k, columns, MAX_COLUMNS) {
                        sum[t][k] += gradient[lane * outputs + t] * column[k];
                    }
                }
            }
        }
        UNROLLED(t, tile, MAX_OUTPUTS) {
            UNROLLED(k, columns, MAX_COLUMNS) {
                int at = (i + k) * LANES;
                add(target + (o + t) * inputs + at, factor * sum[t][k], inputs - at);
            }
        }
    }
}

// The weights of work-item `member` of group `group` of those that step_weights has.
INLINE void update_weights(__global const float *workspace, __global const float *factor, __global float *target, int batch,
                           int group, int member) {
    STEP_WEIGHTS
}

#ifdef PERSISTENT
// Many steps in one launch, up to a whole epoch, whose groups must all run at once: they go through the steps together.
//
// For kernels of both kinds, whose step_block and update_weights this calls. The groups take the blocks of a batch in turns,
// wait for one another, take the weights in turns and wait again. Groups of step_weights are ranges of WEIGHTS_GROUP
// work-items here.
// Tuning: LOOKS, how often a group looks whether the others have come before it gives up. MEMBAR, for NVIDIA's driver, whose
// fences reach no further than a work-group: its own instruction for one that reaches the device.

#ifndef PROGRAM // by itself, as an example
# include "fused/images/images.cl"
#define LOOKS 4194304 // about two seconds of a GPU
#define MEMBAR 1 // NVIDIA's
#endif

#ifdef MEMBAR
#define FENCE_DEVICE asm volatile("membar.gl;" : : : "memory")
#else
#define FENCE_DEVICE
#endif

#define ARRIVALS 0
#define GIVEN_UP 1
#define BEFORE 2

// Waits until the groups have come here `arrivals` times in all, and makes what they wrote before visible to this one. grid
// {arrivals, groups that gave up, arrivals of the launches before}. False if one gave up: then every group gets here, or to the
// next call, and goes. The first atomic function releases what the group wrote, the last one acquires what the others did.
INLINE bool grid_barrier(__global volatile int *grid, __local int *open, int arrivals) {
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    if (get_local_id(0) == 0) {
        FENCE_DEVICE;
        atomic_inc(grid + ARRIVALS);
        int looks = 0;
        // as a difference, since the count may run over
        while (grid[ARRIVALS] - arrivals < 0 && grid[GIVEN_UP] == 0 && looks < LOOKS) {
            looks++;
        }
        if (atomic_add(grid + ARRIVALS, 0) - arrivals < 0) {
            atomic_inc(grid + GIVEN_UP);
        }
        FENCE_DEVICE;
        *open = atomic_add(grid + GIVEN_UP, 0) == 0;
    }
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    return *open;
}

// The `count` images of the order from `start` on, in batches of up to `most`. Arguments as step_images and step_weights take them;
// parameters are their target, too. grid {0, 0, 0} or as a launch without groups that gave up left it.
// What other groups write is not behind `restrict`, since such loads may pass the barrier, or come from a cache that knows
// nothing of other groups.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void train_epoch(DATA_ARGUMENTS, __global float *parameters, __global float *workspace, __global float *restrict outcomes,
                 __global const float *restrict factor, __global volatile int *grid, int start, int most, int count) {
    __local float local_values[STEP_LOCAL];
    __local int open;
    __global float *slots = workspace + (size_t)get_group_id(0) * STEP_BLOCK;
    int arrivals = grid[BEFORE];
    bool all = true;
    for (int first = start; all && first < start + count; first += most) {
        int batch = min(most, start + count - first);
        for (int n = get_group_id(0) * LANES; n < batch; n += get_num_groups(0) * LANES) {
            step_block(images, labels, order, size, scale, parameters, workspace, slots, outcomes, local_values, first, batch, n);
            SYNC; // the next image takes this one's place
        }
        arrivals += get_num_groups(0);
        all = grid_barrier(grid, &open, arrivals);
        if (all) {
            for (int item = get_global_id(0); item < STEP_WEIGHT_GROUPS * WEIGHTS_GROUP; item += get_global_size(0)) {
                update_weights(workspace, factor, parameters, batch, item / WEIGHTS_GROUP, item % WEIGHTS_GROUP);
            }
            arrivals += get_num_groups(0);
            all = grid_barrier(grid, &open, arrivals);
        }
    }
    if (get_global_id(0) == 0) {
        grid[BEFORE] = arrivals; // every group has read it before it came to a barrier
    }
}

#else

// Loss and hit are added to outcomes, everything else goes to workspace [blocks, STEP_BLOCK]. A work-item takes blocks in turns.
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void step_images(STEP_ARGUMENTS) {
    __global float *slots = workspace + get_group_id(0) * STEP_BLOCK;
    for (int n = get_group_id(0) * LANES; n < batch; n += get_num_groups(0) * LANES) {
        step_block(images, labels, order, size, scale, parameters, workspace, slots, outcomes, 0, first, batch, n);
    }
}

// As step_images, without a way back; logits [blocks, LANES, classes]. workspace [blocks, EVALUATE_BLOCK].
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void evaluate_images(DATA_ARGUMENTS, __global const float *restrict parameters, __global float *workspace,
                     __global float *restrict outcomes, __global float *restrict logits, int first, int batch) {
    __global float *slots = workspace + get_group_id(0) * EVALUATE_BLOCK;
    for (int n = get_group_id(0) * LANES; n < batch; n += get_num_groups(0) * LANES) {
        GATHER(n)
        __global float *outcome = outcomes + 2 * n;
        EVALUATE_IMAGES
    }
}

// target += factor[0] times the gradient of the mean loss of the batch that step_images left in workspace
// [blocks, STEP_BLOCK]; target [parameters]. Every parameter has one owner.
__kernel __attribute__((reqd_work_group_size(1, 1, 1)))
void step_weights(__global const float *restrict workspace, __global const float *restrict factor,
                  __global float *restrict target, int batch) {
    update_weights(workspace, factor, target, batch, get_group_id(0), get_local_id(0));
}

#endif
