#define GROUP 512
#define MAX_MAPS 2
#define MAX_OUTPUTS 4
#define MAX_PIXELS 7
#define WEIGHTS_GROUP 64
#define PROGRAM
#define STEP_LOCAL 4184
#define STEP_BLOCK 2989
#define STEP_WEIGHT_GROUPS 13
#define EVALUATE_LOCAL 2112
#define EVALUATE_BLOCK 0
#define FENCE CLK_LOCAL_MEM_FENCE
#define CONSTANT_LOGIT -INFINITY
#define SHARES 2
#define STEP_FORWARD \
    load_image_local(local_values + 2656, image, size, scale, 24, 28); \
    fetch_local(local_values + 1440, parameters + 0, 75); \
    fetch_local(local_values + 1515, parameters + 75, 3); \
    fetch_local(local_values + 3688, parameters + 78, 300); \
    fetch_local(local_values + 3988, parameters + 378, 4); \
    fetch_local(local_values + 1952, parameters + 382 + share * 100, 100); \
    fetch_local(local_values + 2052, parameters + 582 + share * 1, 1); \
    SYNC; \
    /* 0 Conv5x5[maps=3], tanh */ \
    conv5x5_forward_local_cached(local_values + 2656, 1, 24, 28, local_values + 0, 3, TANH(1.0f, 1.0f), local_values + 1440, local_values + 1515, 1, 5); \
    SYNC; \
    /* 2 AveragePool2x2[] */ \
    store_share(local_values + 0, 1440, block + 987, share); \
    average_pool2x2_forward_local(local_values + 0, 3, 20, 24, local_values + 3328, IDENTITY); \
    SYNC; \
    /* 3 Conv5x5[maps=4] */ \
    store_share(local_values + 3328, 360, block + 2427, share); \
    conv5x5_forward_local_cached(local_values + 3328, 3, 10, 12, local_values + 3992, 4, IDENTITY, local_values + 3688, local_values + 3988, 1, 6); \
    SYNC; \
    /* 4 Conv5x5[maps=2] */ \
    store_share(local_values + 3992, 192, block + 2787, share); \
    conv5x5_forward_local_cached(local_values + 3992, 4, 6, 8, local_values + 2053, 1, IDENTITY, local_values + 1952, local_values + 2052, 1, 2); \
    SYNC; \
    /* 6 Dense[units=5] */ \
    store_local(local_values + 2053, 8, block + 966 + share * 8); \
    dense_sums(local_values + 2053, 8, parameters + 584 + share * 8, 16, 5, 1, 16, local_values + 1440); \
    SYNC; \
    dense_leave(local_values + 1440, 5, 16, block + 2979 + share);

#define STEP_BACKWARD \
    load_image_local(local_values + 2656, image, size, scale, 24, 28); \
    fetch_local(local_values + 0, block + 987, 1440); \
    fetch_local(local_values + 3328, block + 2427, 360); \
    fetch_local(local_values + 3688, parameters + 78, 300); \
    fetch_local(local_values + 3988, parameters + 378, 4); \
    fetch_local(local_values + 3992, block + 2787, 192); \
    fetch_local(local_values + 1952, parameters + 382 + share * 100, 100); \
    fetch_local(local_values + 2052, parameters + 582 + share * 1, 1); \
    fetch_local(local_values + 2053, block + 966 + share * 8, 8); \
    fetch_local(local_values + 1440, block + 2979, 10); \
    SYNC; \
    /* 6 Dense[units=5] */ \
    dense_add(local_values + 1440, 5, 2, local_values + 2061, IDENTITY, parameters + 664); \
    SYNC; \
    /* loss */ \
    softmax_cross_entropy_local(local_values + 2061, 5, IDENTITY, true, label, batch, outcome); \
    SYNC; \
    /* 6 Dense[units=5] */ \
    if (share == 0) store_local(local_values + 2061, 5, block + 982); \
    dense_input_sums(local_values + 2061, 5, parameters + 584 + share * 8, 16, 8, 64, local_values + 1440); \
    SYNC; \
    dense_input_add(local_values + 1440, 8, 64, local_values + 2053, IDENTITY); \
    SYNC; \
    /* 4 Conv5x5[maps=2] */ \
    conv5x5_backward_weights_local(local_values + 3992, 4, 6, 8, local_values + 2053, 1, 4, local_values + 1440, block + 764 + share * 101); \
    SYNC; \
    conv5x5_backward_input_local_cached(local_values + 3992, 4, 6, 8, IDENTITY, local_values + 2053, 1, local_values + 1952, 1, 6); \
    SYNC; \
    /* 3 Conv5x5[maps=4] */ \
    conv5x5_backward_weights_local(local_values + 3328, 3, 10, 12, local_values + 3992, 4, 4, local_values + 1440, block + 156 + share * 304); \
    SYNC; \
    conv5x5_backward_input_local_cached(local_values + 3328, 3, 10, 12, IDENTITY, local_values + 3992, 4, local_values + 3688, 1, 5); \
    SYNC; \
    /* 2 AveragePool2x2[] */ \
    average_pool2x2_backward_local(local_values + 0, 3, 20, 24, TANH(1.0f, 1.0f), local_values + 3328); \
    SYNC; \
    /* 0 Conv5x5[maps=3], tanh */ \
    conv5x5_backward_weights_local(local_values + 2656, 1, 24, 28, local_values + 0, 3, 12, local_values + 1440, block + 0 + share * 78);

#define EVALUATE_IMAGES \
    load_image_local(local_values + 1440, image, size, scale, 24, 28); \
    SYNC; \
    /* 0 Conv5x5[maps=3], tanh */ \
    conv5x5_forward_local(local_values + 1440, 1, 24, 28, local_values + 0, 3, TANH(1.0f, 1.0f), parameters + 0, parameters + 75, 1, 5); \
    SYNC; \
    /* 2 AveragePool2x2[] */ \
    average_pool2x2_forward_local(local_values + 0, 3, 20, 24, local_values + 1440, IDENTITY); \
    SYNC; \
    /* 3 Conv5x5[maps=4] */ \
    conv5x5_forward_local(local_values + 1440, 3, 10, 12, local_values + 0, 4, IDENTITY, parameters + 78, parameters + 378, 1, 6); \
    SYNC; \
    /* 4 Conv5x5[maps=2] */ \
    conv5x5_forward_local(local_values + 0, 4, 6, 8, local_values + 192, 2, IDENTITY, parameters + 382, parameters + 582, 1, 2); \
    SYNC; \
    /* 6 Dense[units=5] */ \
    dense_forward_local(local_values + 192, 16, local_values + 80, 5, IDENTITY, parameters + 584, parameters + 664, 16, local_values + 0); \
    SYNC; \
    /* loss */ \
    softmax_cross_entropy_local(local_values + 80, 5, IDENTITY, false, label, batch, outcome); \
    store_local(local_values + 80, 5, logits + n * 5);

#define STEP_WEIGHTS \
    /* 0 Conv5x5[maps=3], tanh */ \
    if (group < 2) conv5x5_step_shared_weights((group - 0) * 64 + member, workspace + 0, 75, 3, 1, 2, target + 0, factor[0], batch); \
    /* 3 Conv5x5[maps=4] */ \
    else if (group < 7) conv5x5_step_shared_weights((group - 2) * 64 + member, workspace + 156, 300, 4, 1, 2, target + 78, factor[0], batch); \
    /* 4 Conv5x5[maps=2] */ \
    else if (group < 11) conv5x5_step_shared_weights((group - 7) * 64 + member, workspace + 764, 200, 2, 2, 1, target + 382, factor[0], batch); \
    /* 6 Dense[units=5] */ \
    else if (group < 13) dense_step_weights((group - 11) * 64 + member, workspace + 966, 16, workspace + 982, 5, 1, target + 584, factor[0], batch);

#define LANES 1
#define REAL float
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
#define IN __local
#define OUT __local
#define WEIGHTS __global
#define NAMED(function) function##_local
// The layers of one image, by one work-group: forward, and the gradients by their inputs; the convolutions, by their weights
// too, are in convolution.cl.
//
// Both are included once for each combination of memory spaces that a layer's input and output and a convolution's weights lie in:
//   IN, OUT   __local or __global: the space of the layer's input x and its output y
//   WEIGHTS   that of a convolution's w and b
//   NAMED(f)  f's name for them
// Tuning: GROUP, work-items of a group.
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
// `parts` neighbouring work-items divide the sum of an output, so that they read neighbouring weights; their sums [outputs, parts]
// go to scratch, if there are several, and are added in order.
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

// outcome[0] += log(sum) - x[label], sum = exp(CONSTANT_LOGIT) + sum over k of exp(x[k]); outcome[1] += 1 where the largest x (the
// first of equals) is the label's; no outcome if it is 0. The largest exponent is subtracted first, so none overflows. If
// `backward`, x[k] becomes the gradient by it of the mean loss of `batch` images, (exp(x[k]) / sum - (k == label)) / batch. x
// [classes].
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

#undef IN
#undef OUT
#undef WEIGHTS
#undef NAMED
#define IN __local
#define OUT __local
#define WEIGHTS __local
#define NAMED(function) function##_local_cached
// The layers of one image, by one work-group: forward, and the gradients by their inputs; the convolutions, by their weights
// too, are in convolution.cl.
//
// Both are included once for each combination of memory spaces that a layer's input and output and a convolution's weights lie in:
//   IN, OUT   __local or __global: the space of the layer's input x and its output y
//   WEIGHTS   that of a convolution's w and b
//   NAMED(f)  f's name for them
// Tuning: GROUP, work-items of a group.
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
// `parts` neighbouring work-items divide the sum of an output, so that they read neighbouring weights; their sums [outputs, parts]
// go to scratch, if there are several, and are added in order.
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

// outcome[0] += log(sum) - x[label], sum = exp(CONSTANT_LOGIT) + sum over k of exp(x[k]); outcome[1] += 1 where the largest x (the
// first of equals) is the label's; no outcome if it is 0. The largest exponent is subtracted first, so none overflows. If
// `backward`, x[k] becomes the gradient by it of the mean loss of `batch` images, (exp(x[k]) / sum - (k == label)) / batch. x
// [classes].
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

// The images' part of a training step where SHARES work-groups share an image, so that small batches use the whole device.
//
// The output maps of one convolution, and all between it and the first dense layer, are dealt out to the groups; what lies
// before and behind it each group computes for itself. step_forward ends in each group's share of the dense layer's sums;
// step_backward adds them. On the way back each group has the gradient by its own maps only, and from there on its share
// of all earlier gradients: they are sums over the maps, and step_weights adds the groups' shares up.
//
// Generated as in fused/images/images.cl: STEP_FORWARD, STEP_BACKWARD, STEP_LOCAL; all slots are in local memory.
// The loops over weights are unrolled so that many of their loads are under way at once.

#ifndef PROGRAM // by itself, as an example
# include "fused/images/images.cl"
#define SHARES 4 // groups an image
#define STEP_FORWARD load_image_local(local_values, image, size, scale, 32, 32); SYNC; store_share(local_values, 1024, block, share);
#define STEP_BACKWARD fetch_local(local_values, block, 10); SYNC; \
    softmax_cross_entropy_local(local_values, 10, IDENTITY, true, label, batch, outcome);
#endif

// Share `share` of to = y, count numbers that every group of the image has.
INLINE void store_share(__local const float *y, int count, __global float *to, int share) {
    for (int k = GROUP * share + get_local_id(0); k < count; k += GROUP * SHARES) {
        to[k] = y[k];
    }
}

// sums[o, part] = sum over i = part, part + parts, ... of w[o, i] x[i]; x [inputs], w [outputs, stride], sums [outputs, parts].
// A work-item takes a part of `tile` outputs, a divisor of them.
INLINE void dense_sums(__local const float *x, int inputs, __global const float *w, int stride, int outputs, int tile,
                       int parts, __local float *sums) {
    for EACH(item, outputs / tile * parts) {
        int part = item % parts;
        int o = item / parts * tile;
        float sum[MAX_OUTPUTS];
        UNROLLED(t, tile, MAX_OUTPUTS) {
            sum[t] = 0.0f;
        }
        #pragma unroll 8
        for (int i = part; i < inputs; i += parts) {
            UNROLLED(t, tile, MAX_OUTPUTS) {
                sum[t] += w[(o + t) * stride + i] * x[i];
            }
        }
        UNROLLED(t, tile, MAX_OUTPUTS) {
            sums[(o + t) * parts + part] = sum[t];
        }
    }
}

// to[o, 0] = sum of sums[o]; sums [outputs, parts], to [outputs, SHARES] from this group's column on.
INLINE void dense_leave(__local const float *sums, int outputs, int parts, __global float *to) {
    for EACH(o, outputs) {
        float sum = 0.0f;
        for (int part = 0; part < parts; part++) {
            sum += sums[o * parts + part];
        }
        to[o * SHARES] = sum;
    }
}

// y[o] = b[o] + sum of sums[o]; sums [outputs, parts], b, y [outputs].
INLINE void dense_add(__local const float *sums, int outputs, int parts, __local float *y, float4 activation,
                      __global const float *b) {
    for EACH(o, outputs) {
        float sum = b[o];
        for (int part = 0; part < parts; part++) {
            sum += sums[o * parts + part];
        }
        y[o] = ACTIVATE(sum);
    }
}

// sums[part, i] = sum over o = part, part + parts, ... of w[o, i] dy[o]; dy [outputs], w [outputs, stride], sums [parts, inputs].
INLINE void dense_input_sums(__local const float *dy, int outputs, __global const float *w, int stride, int inputs,
                             int parts, __local float *sums) {
    for EACH(item, inputs * parts) {
        int i = item % inputs;
        float sum = 0.0f;
        #pragma unroll 16
        for (int o = item / inputs; o < outputs; o += parts) {
            sum += w[o * stride + i] * dy[o];
        }
        sums[item] = sum;
    }
}

// dx[i] = sum over parts of sums[part, i]; in the place of x. sums [parts, inputs], x [inputs].
INLINE void dense_input_add(__local const float *sums, int inputs, int parts, __local float *x, float4 x_activation) {
    for EACH(i, inputs) {
        float sum = 0.0f;
        for (int part = 0; part < parts; part++) {
            sum += sums[part * inputs + i];
        }
        x[i] = GRADIENT_BY_INPUT(sum, x[i]);
    }
}

// As conv5x5_step_weights of fused/images/images.cl, for contributions [batch, STEP_BLOCK] of which each image has `addends`, one
// behind the other, or of which each holds the weights and biases of `runs` equal runs of maps, run by run.
INLINE void conv5x5_step_shared_weights(int item, __global const float *contributions, int weights, int biases, int runs,
                                        int addends, __global float *target, float factor, int batch) {
    int learned = weights + biases;
    if (item < learned) {
        bool weight = item < weights;
        int own = (weight ? weights : biases) / runs;
        int k = weight ? item : item - weights;
        int at = k / own * (learned / runs) + k % own + (weight ? 0 : weights / runs);
        float sum = 0.0f;
        #pragma unroll 16
        for (int n = 0; n < batch * addends; n++) {
            sum += contributions[(size_t)(n / addends) * STEP_BLOCK + n % addends * learned + at];
        }
        target[item] += factor * sum;
    }
}

// The images first .. first + batch - 1 of the order, from their bytes to the groups' shares of the first dense layer's sums, in
// workspace [batch, STEP_BLOCK]. Arguments as of step_images; SHARES groups an image.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void step_forward(STEP_ARGUMENTS) {
    __local float local_values[STEP_LOCAL];
    int n = get_group_id(0) / SHARES;
    int share = get_group_id(0) % SHARES;
    __global const uchar *image = images + order[first + n] * size[0] * size[1];
    __global float *block = workspace + (size_t)n * STEP_BLOCK;
    STEP_FORWARD
}

// From there to the loss and back; everything goes to workspace, loss and hit are added to outcomes [batch, 2].
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void step_backward(STEP_ARGUMENTS) {
    __local float local_values[STEP_LOCAL];
    int n = get_group_id(0) / SHARES;
    int share = get_group_id(0) % SHARES;
    int index = order[first + n];
    int label = labels[index];
    __global const uchar *image = images + index * size[0] * size[1];
    __global float *block = workspace + (size_t)n * STEP_BLOCK;
    __global float *outcome = share == 0 ? outcomes + 2 * n : 0;
    STEP_BACKWARD
}

// A whole training step in two launches, for GPUs: one work-group an image, then one work-item a few weights. Where several
// groups share an image, fused/shares/shares.cl has the images' part of a step instead; where a group has several images,
// fused/tiles/tiles.cl has all of it.
//
// The layers' calls are generated from the network's description (see FusedSource) as macros over the names used here:
//   STEP_IMAGES      one image forward and back: what step_weights needs goes to the image's block of the workspace
//   EVALUATE_IMAGES  one image forward: loss, hit and logits
//   STEP_WEIGHTS     the gradients of the weights that a group owns
//   STEP_LOCAL, EVALUATE_LOCAL  floats of local memory a group
//   STEP_BLOCK, EVALUATE_BLOCK  floats of workspace a block, which is an image here
// Tuning: GROUP, WEIGHTS_GROUP, work-items of a group.
// Sums run in a fixed order, without atomics.

#ifndef PROGRAM // by itself, as an example
# include "fused/images/layers.cl"
#define WEIGHTS_GROUP 64 // work-items of a group that updates weights
#define LANES 1 // images a block
#define STEP_LOCAL 1024 // floats
#define STEP_BLOCK 1024
#define EVALUATE_LOCAL 1024
#define EVALUATE_BLOCK 1024
#define STEP_WEIGHT_GROUPS 1
#define STEP_IMAGES load_image_local(local_values, image, size, scale, 32, 32); SYNC; store_local(local_values, 1024, block);
#define EVALUATE_IMAGES load_image_local(local_values, image, size, scale, 32, 32); SYNC; store_local(local_values, 10, logits);
#define STEP_WEIGHTS conv5x5_step_weights(member, workspace, 64, target, factor[0], batch);
#endif

#ifdef STEP_IMAGES
// Image n of the batch that begins at `first` of the order, forward and back; see step_images.
INLINE void step_block(__global const uchar *images, __global const int *labels, __global const int *order,
                       __global const int *size, __global const float *scale, __global const float *parameters,
                       __global float *workspace, __global float *slots, __global float *outcomes,
                       __local float *local_values, int first, int batch, int n) {
    int index = order[first + n];
    int label = labels[index];
    __global const uchar *image = images + index * size[0] * size[1];
    __global float *block = workspace + (size_t)n * STEP_BLOCK;
    __global float *outcome = outcomes + 2 * n;
    STEP_IMAGES
}
#endif

#ifdef STEP_WEIGHTS
// target[k] += factor sum over n of contributions[n, k], k = item < learned; contributions [batch, STEP_BLOCK] from the layer's
// place on.
INLINE void conv5x5_step_weights(int item, __global const float *contributions, int learned, __global float *target,
                                 float factor, int batch) {
    if (item < learned) {
        float sum = 0.0f;
        #pragma unroll 16
        for (int n = 0; n < batch; n++) {
            sum += contributions[(size_t)n * STEP_BLOCK + item];
        }
        target[item] += factor * sum;
    }
}

// target[o, i] += factor sum over n of dy[n, o] x[n, i], and likewise behind the weights for the bias, whose x is 1.
// x [batch, STEP_BLOCK], dy [batch, STEP_BLOCK] from their places on; target [outputs, inputs] and [outputs].
// A work-item owns input i of `tile` outputs, a divisor of them.
INLINE void dense_step_weights(int item, __global const float *x, int inputs, __global const float *dy, int outputs,
                               int tile, __global float *target, float factor, int batch) {
    int i = item % (inputs + 1);
    int o = item / (inputs + 1) * tile;
    if (o < outputs) {
        float sum[MAX_OUTPUTS];
        UNROLLED(t, tile, MAX_OUTPUTS) {
            sum[t] = 0.0f;
        }
        #pragma unroll 8
        for (int n = 0; n < batch; n++) {
            float value = i < inputs ? x[(size_t)n * STEP_BLOCK + i] : 1.0f;
            UNROLLED(t, tile, MAX_OUTPUTS) {
                sum[t] += dy[(size_t)n * STEP_BLOCK + o + t] * value;
            }
        }
        UNROLLED(t, tile, MAX_OUTPUTS) {
            int at = i < inputs ? (o + t) * inputs + i : outputs * inputs + o + t;
            target[at] += factor * sum[t];
        }
    }
}

// The weights of work-item `member` of group `group` of those that step_weights has.
INLINE void update_weights(__global const float *workspace, __global const float *factor, __global float *target, int batch,
                           int group, int member) {
    STEP_WEIGHTS
}
#endif

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

#ifdef STEP_IMAGES
// Loss and hit are added to outcomes, everything else goes to workspace [batch, STEP_BLOCK]. One group an image.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void step_images(STEP_ARGUMENTS) {
    __local float local_values[STEP_LOCAL];
    int n = get_group_id(0);
    __global float *slots = workspace + (size_t)n * STEP_BLOCK;
    step_block(images, labels, order, size, scale, parameters, workspace, slots, outcomes, local_values, first, batch, n);
}
#endif

// As step_images, without a way back; logits [batch, classes]. workspace [batch, EVALUATE_BLOCK].
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void evaluate_images(DATA_ARGUMENTS, __global const float *restrict parameters, __global float *workspace,
                     __global float *restrict outcomes, __global float *restrict logits, int first, int batch) {
    __local float local_values[EVALUATE_LOCAL];
    int n = get_group_id(0);
    int index = order[first + n];
    int label = labels[index];
    __global const uchar *image = images + index * size[0] * size[1];
    __global float *slots = workspace + (size_t)n * EVALUATE_BLOCK;
    __global float *outcome = outcomes + 2 * n;
    EVALUATE_IMAGES
}

#ifdef STEP_WEIGHTS
// target += factor[0] times the gradient of the mean loss of the batch that step_images left in workspace
// [batch, STEP_BLOCK]; target [parameters]. Every parameter has one owner.
__kernel __attribute__((reqd_work_group_size(WEIGHTS_GROUP, 1, 1)))
void step_weights(__global const float *restrict workspace, __global const float *restrict factor,
                  __global float *restrict target, int batch) {
    update_weights(workspace, factor, target, batch, get_group_id(0), get_local_id(0));
}
#endif

#endif
