#define DENSE_GROUP 512
#define DENSE_IMAGES 8
#define GROUP 128
#define MAX_MAPS 2
#define MAX_OUTPUTS 4
#define MAX_PIXELS 7
#define WEIGHTS_GROUP 128
#define PROGRAM
#define STEP_LOCAL 1536
#define STEP_BLOCK 337
#define STEP_WEIGHT_GROUPS 7
#define EVALUATE_LOCAL 400
#define EVALUATE_BLOCK 0
#define FENCE (CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)
#define CONSTANT_LOGIT -INFINITY
#define STEP_COMMON 28405
#define CONV_SLICES 256
#define DENSE_SLICES 8
#define FORWARD_IMAGES 2
#define FORWARD_IMAGE 400
#define FORWARD_LOCAL 904
#define BACKWARD_IMAGES 4
#define BACKWARD_IMAGE 192
#define BACKWARD_LOCAL 768
#define GRADIENTS_LOCAL 1536
#define DENSE_LOCAL 416
#define TILE 4
#define TILE_INPUTS 64
#define TILE_OUTPUTS 32
#define CHUNK 16
#define STEP_FORWARD \
    transpose(parameters + 104, 7, 24, workspace + 28024); \
    transpose(parameters + 279, 3, 7, workspace + 28384); \
    fetch_local(tile_values + 0, parameters + 0, 104); \
    for (int m = 0; m < count; m++) { \
    __local float *local_values = tile_values + m * 400; \
    __global float *slots = block + (size_t)m * STEP_BLOCK; \
    __global const uchar *image = images + order[first + n + m] * size[0] * size[1]; \
    load_image_local(local_values + 104, image, size, scale, 20, 16); \
    } \
    SYNC; \
    /* 0 AveragePool2x2[], tanh */ \
    for (int m = 0; m < count; m++) { \
    __local float *local_values = tile_values + m * 400; \
    __global float *slots = block + (size_t)m * STEP_BLOCK; \
    average_pool2x2_forward_local(local_values + 104, 1, 20, 16, local_values + 424, TANH(1.0f, 1.0f)); \
    } \
    SYNC; \
    /* 2 Conv5x5[maps=4], tanh */ \
    for (int m = 0; m < count; m++) { \
    __local float *local_values = tile_values + m * 400; \
    __global float *slots = block + (size_t)m * STEP_BLOCK; \
    store_local(local_values + 424, 80, slots + 0); \
    } \
    SYNC; \
    for (int m = 0; m < count; m++) { \
    __local float *local_values = tile_values + m * 400; \
    __global float *slots = block + (size_t)m * STEP_BLOCK; \
    conv5x5_forward_local_cached(local_values + 424, 1, 10, 8, local_values + 104, 4, TANH(1.0f, 1.0f), tile_values + 0, tile_values + 100, 1, 6); \
    } \
    SYNC; \
    /* 4 Tanh[] */ \
    for (int m = 0; m < count; m++) { \
    __local float *local_values = tile_values + m * 400; \
    __global float *slots = block + (size_t)m * STEP_BLOCK; \
    store_local(local_values + 104, 96, slots + 80); \
    } \
    SYNC; \
    for (int m = 0; m < count; m++) { \
    __local float *local_values = tile_values + m * 400; \
    __global float *slots = block + (size_t)m * STEP_BLOCK; \
    tanh_forward_local(local_values + 104, 96, local_values + 200, TANH(1.0f, 1.0f)); \
    } \
    SYNC; \
    /* 5 AveragePool2x2[] */ \
    for (int m = 0; m < count; m++) { \
    __local float *local_values = tile_values + m * 400; \
    __global float *slots = block + (size_t)m * STEP_BLOCK; \
    store_local(local_values + 200, 96, slots + 176); \
    } \
    SYNC; \
    for (int m = 0; m < count; m++) { \
    __local float *local_values = tile_values + m * 400; \
    __global float *slots = block + (size_t)m * STEP_BLOCK; \
    average_pool2x2_forward_local(local_values + 200, 4, 6, 4, local_values + 104, IDENTITY); \
    } \
    SYNC; \
    for (int m = 0; m < count; m++) { \
    __local float *local_values = tile_values + m * 400; \
    __global float *slots = block + (size_t)m * STEP_BLOCK; \
    store_local(local_values + 104, 24, slots + 296); \
    } \
    SYNC;

#define STEP_DENSE \
    dense_fetch(block + 296, 24, local_values + 0, count); \
    SYNC; \
    /* 7 Dense[units=7], tanh */ \
    dense_product(local_values + 0, 24, workspace + 28024, 7, 3, local_values + 192); \
    SYNC; \
    dense_forward_add(local_values + 192, 7, 3, local_values + 360, TANH(1.0f, 1.0f), parameters + 272); \
    SYNC; \
    /* 9 Tanh[] */ \
    tanh_forward_dense(local_values + 360, 56, local_values + 0, TANH(1.0f, 1.0f)); \
    SYNC; \
    /* 10 Dense[units=3], tanh */ \
    dense_store(local_values + 0, 7, block + 327, count); \
    dense_product(local_values + 0, 7, workspace + 28384, 3, 1, local_values + 56); \
    SYNC; \
    dense_forward_add(local_values + 56, 3, 1, local_values + 112, TANH(1.0f, 1.0f), parameters + 300); \
    SYNC; \
    /* loss */ \
    dense_loss(local_values + 112, 3, TANH(1.0f, 1.0f), labels, order + first + n, batch, outcomes + 2 * n, count); \
    SYNC; \
    /* 10 Dense[units=3], tanh */ \
    dense_store(local_values + 112, 3, block + 334, count); \
    dense_product(local_values + 112, 3, parameters + 279, 7, 1, local_values + 56); \
    SYNC; \
    dense_backward_add(local_values + 56, 7, 1, local_values + 0, TANH(1.0f, 1.0f)); \
    SYNC; \
    /* 9 Tanh[] */ \
    tanh_backward_dense(local_values + 360, 56, TANH(1.0f, 1.0f), local_values + 0); \
    SYNC; \
    /* 7 Dense[units=7], tanh */ \
    dense_store(local_values + 360, 7, block + 320, count); \
    dense_product(local_values + 360, 7, parameters + 104, 24, 1, local_values + 0); \
    SYNC; \
    dense_backward_leave(local_values + 0, 24, 1, block + 296, IDENTITY, block + 272, count); \
    SYNC;

#define STEP_GRADIENTS \
    /* 2 Conv5x5[maps=4], tanh */ \
    if (group < 1 * conv_slices) { \
    int slice = group - 0 * conv_slices; \
    float sum[2][TAPS + 1]; \
    CLEAR(sum, 2) \
    for (int n = slice; n < batch; n += conv_slices) { \
    __global float *slots = workspace + STEP_COMMON + 0 + (size_t)n * STEP_BLOCK; \
    fetch_local(local_values + 192, slots + 0, 80); \
    fetch_local(local_values + 0, slots + 176, 96); \
    SYNC; \
    fetch_local(local_values + 96, slots + 80, 96); \
    SYNC; \
    average_pool2x2_backward_local_global(local_values + 0, 4, 6, 4, TANH(1.0f, 1.0f), slots + 272); \
    SYNC; \
    tanh_backward_local(local_values + 96, 96, TANH(1.0f, 1.0f), local_values + 0); \
    SYNC; \
    if (get_local_id(0) < 8) conv5x5_gradient_add_1(get_local_id(0), local_values + 192, local_values + 96, sum); \
    SYNC; \
    } \
    conv5x5_gradient_leave_1(get_local_id(0), sum, local_values, workspace + 0 + slice * 104); \
    } \
    /* 7 Dense[units=7], tanh */ \
    else if (group < 1 * conv_slices + 8) { \
    dense_gradient((group - 1 * conv_slices - 0) / DENSE_SLICES, (group - 1 * conv_slices - 0) % DENSE_SLICES, workspace + STEP_COMMON + 296, 24, workspace + STEP_COMMON + 320, 7, local_values, workspace + 26624 + (group - 1 * conv_slices - 0) % DENSE_SLICES * 175, batch); \
    } \
    /* 10 Dense[units=3], tanh */ \
    else if (group < 1 * conv_slices + 16) { \
    dense_gradient((group - 1 * conv_slices - 8) / DENSE_SLICES, (group - 1 * conv_slices - 8) % DENSE_SLICES, workspace + STEP_COMMON + 327, 7, workspace + STEP_COMMON + 334, 3, local_values, workspace + 28192 + (group - 1 * conv_slices - 8) % DENSE_SLICES * 24, batch); \
    }

#define ADD_PARTIALS \
    /* 2 Conv5x5[maps=4], tanh */ \
    if (group < 4) add_partials(group - 0, workspace + 0, 104, min(CONV_SLICES, batch), 4, sums, target + 0, factor[0]); \
    /* 7 Dense[units=7], tanh */ \
    else if (group < 6) add_partials(group - 4, workspace + 26624, 175, DENSE_SLICES, 1, sums, target + 104, factor[0]); \
    /* 10 Dense[units=3], tanh */ \
    else if (group < 7) add_partials(group - 6, workspace + 28192, 24, DENSE_SLICES, 1, sums, target + 279, factor[0]);

#define EVALUATE_IMAGES \
    load_image_local(local_values + 0, image, size, scale, 20, 16); \
    SYNC; \
    /* 0 AveragePool2x2[], tanh */ \
    average_pool2x2_forward_local(local_values + 0, 1, 20, 16, local_values + 320, TANH(1.0f, 1.0f)); \
    SYNC; \
    /* 2 Conv5x5[maps=4], tanh */ \
    conv5x5_forward_local(local_values + 320, 1, 10, 8, local_values + 0, 4, TANH(1.0f, 1.0f), parameters + 0, parameters + 100, 1, 6); \
    SYNC; \
    /* 4 Tanh[] */ \
    tanh_forward_local(local_values + 0, 96, local_values + 96, TANH(1.0f, 1.0f)); \
    SYNC; \
    /* 5 AveragePool2x2[] */ \
    average_pool2x2_forward_local(local_values + 96, 4, 6, 4, local_values + 56, IDENTITY); \
    SYNC; \
    /* 7 Dense[units=7], tanh */ \
    dense_forward_local(local_values + 56, 24, local_values + 80, 7, TANH(1.0f, 1.0f), parameters + 104, parameters + 272, 8, local_values + 0); \
    SYNC; \
    /* 9 Tanh[] */ \
    tanh_forward_local(local_values + 80, 7, local_values + 24, TANH(1.0f, 1.0f)); \
    SYNC; \
    /* 10 Dense[units=3], tanh */ \
    dense_forward_local(local_values + 24, 7, local_values + 31, 3, TANH(1.0f, 1.0f), parameters + 279, parameters + 300, 8, local_values + 0); \
    SYNC; \
    /* loss */ \
    softmax_cross_entropy_local(local_values + 31, 3, TANH(1.0f, 1.0f), false, label, batch, outcome); \
    store_local(local_values + 31, 3, logits + n * 3);

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

#undef IN
#undef OUT
#undef WEIGHTS
#undef NAMED
#define IN __local
#define OUT __global
#define WEIGHTS __global
#define NAMED(function) function##_local_global
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
#define WEIGHTS __global
#define NAMED(function) function##_1
#undef IN_MAPS
#define IN_MAPS 1
#undef IN_H
#define IN_H 10
#undef IN_W
#define IN_W 8
#undef OUT_MAPS
#define OUT_MAPS 4
#undef FORWARD_MAPS
#define FORWARD_MAPS 4
#undef FORWARD_ROWS
#undef BACKWARD_MAPS
#undef GRADIENT_MAPS
#define GRADIENT_MAPS 2
#undef RUNS
#define RUNS 4
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

// A training step of large batches: groups work on several images at once, in registers and local memory.
//   step_forward    images to the input of the first dense layer, FORWARD_IMAGES a group
//   step_dense      all dense layers forward, loss, and back (fused/tiles/dense.cl)
//   step_backward   gradients by the convolutions' inputs, BACKWARD_IMAGES a group; only where there are several convolutions
//   step_gradients  partial gradients by weights, each of a slice of the batch: a group a convolution and slice, or a tile of a
//                   dense layer and slice
//   step_weights    adds the partial gradients up
// Workspace [STEP_COMMON + batch * STEP_BLOCK]: the dense layers' weights transposed and all partial gradients, then a block an
// image.
//
// Generated as in fused/images/images.cl: STEP_FORWARD, STEP_BACKWARD, STEP_GRADIENTS, ADD_PARTIALS, the sizes, and the
// convolutions' functions (fused/tiles/convolution.cl). Tuning: GROUP, FORWARD_IMAGES, BACKWARD_IMAGES, CONV_SLICES, DENSE_SLICES;
// a group takes TILE_OUTPUTS by
// TILE_INPUTS weights of a dense layer, a work-item TILE by TILE, CHUNK images at a time.

#ifndef PROGRAM // by itself, as an example
# include "fused/tiles/convolution.cl"
#define WEIGHTS_GROUP 128 // work-items of a group that adds partial gradients up
#define STEP_COMMON 1000000 // floats of workspace before the images' blocks
#define CONV_SLICES 256 // slices of a batch with a sum of the convolutions' gradients each
#define DENSE_SLICES 8 // of the dense layers'
#define FORWARD_IMAGES 2 // images a group
#define BACKWARD_IMAGES 4
#define FORWARD_LOCAL 6000 // floats of local memory a group
#define BACKWARD_LOCAL 8000
#define GRADIENTS_LOCAL 6000
#define TILE 4
#define TILE_INPUTS 64
#define TILE_OUTPUTS 64
#define CHUNK 16
#define STEP_FORWARD transpose(parameters, 120, 400, workspace);
#define STEP_BACKWARD fetch_local(tile_values, block, count); SYNC; store_local(tile_values, 10, block);
#define STEP_GRADIENTS dense_gradient(group / DENSE_SLICES, group % DENSE_SLICES, workspace, 400, workspace, 120, local_values, \
    workspace, batch);
#define ADD_PARTIALS add_partials(group, workspace, 48120, DENSE_SLICES, 1, sums, target, factor[0]);
#endif

// to[i, o] = w[o, i], by all groups together.
INLINE void transpose(__global const float *w, int outputs, int inputs, __global float *to) {
    for (int k = get_global_id(0); k < outputs * inputs; k += get_global_size(0)) {
        to[k % inputs * outputs + k / inputs] = w[k];
    }
}

// Clears what a work-item sums of a convolution's weights, of `maps` maps.
#define CLEAR(sum, maps) \
    _Pragma("unroll") for (int m = 0; m < (maps); m++) { \
        _Pragma("unroll") for (int t = 0; t <= TAPS; t++) { \
            sum[m][t] = 0.0f; \
        } \
    }

// A slice's part of dw[o, i] = sum over n of dy[n, o] x[n, i] and of db[o], whose x is 1, for tile `tile` of TILE_OUTPUTS by
// TILE_INPUTS. x [batch, inputs], dy [batch, outputs] STEP_BLOCK apart, partial [outputs * inputs + outputs],
// values [CHUNK, TILE_INPUTS + TILE_OUTPUTS].
INLINE void dense_gradient(int tile, int slice, __global const float *x, int inputs, __global const float *dy, int outputs,
                           __local float *values, __global float *partial, int batch) {
    const int columns = (inputs + TILE_INPUTS) / TILE_INPUTS; // the bias is one more
    int first_input = tile % columns * TILE_INPUTS;
    int first_output = tile / columns * TILE_OUTPUTS;
    int size = (batch + DENSE_SLICES - 1) / DENSE_SLICES;
    int end = min(batch, (slice + 1) * size);
    int i = get_local_id(0) % (TILE_INPUTS / TILE) * TILE;
    int o = get_local_id(0) / (TILE_INPUTS / TILE) * TILE;
    __local float *x_values = values;
    __local float *dy_values = values + CHUNK * TILE_INPUTS;
    float sum[TILE][TILE];
    #pragma unroll
    for (int a = 0; a < TILE; a++) {
        #pragma unroll
        for (int b = 0; b < TILE; b++) {
            sum[a][b] = 0.0f;
        }
    }
    for (int from = slice * size; from < end; from += CHUNK) {
        #pragma unroll 8
        for EACH(k, CHUNK * TILE_INPUTS) {
            int n = from + k / TILE_INPUTS;
            int at = first_input + k % TILE_INPUTS;
            x_values[k] = n >= end || at > inputs ? 0.0f : at == inputs ? 1.0f : x[(size_t)n * STEP_BLOCK + at];
        }
        #pragma unroll 4
        for EACH(k, CHUNK * TILE_OUTPUTS) {
            int n = from + k / TILE_OUTPUTS;
            int at = first_output + k % TILE_OUTPUTS;
            dy_values[k] = n >= end || at >= outputs ? 0.0f : dy[(size_t)n * STEP_BLOCK + at];
        }
        barrier(CLK_LOCAL_MEM_FENCE);
        #pragma unroll
        for (int n = 0; n < CHUNK; n++) {
            #pragma unroll
            for (int a = 0; a < TILE; a++) {
                #pragma unroll
                for (int b = 0; b < TILE; b++) {
                    sum[a][b] += dy_values[n * TILE_OUTPUTS + o + a] * x_values[n * TILE_INPUTS + i + b];
                }
            }
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    #pragma unroll
    for (int a = 0; a < TILE; a++) {
        #pragma unroll
        for (int b = 0; b < TILE; b++) {
            int output = first_output + o + a;
            int input = first_input + i + b;
            if (output < outputs && input <= inputs) {
                partial[input < inputs ? output * inputs + input : outputs * inputs + output] = sum[a][b];
            }
        }
    }
}

// target[k] += factor sum over slices of partials[slice, k]; partials [slices, learned], k from this group's WEIGHTS_GROUP /
// `adders` on. `adders` work-items divide a sum, so that a long one takes no longer than others.
INLINE void add_partials(int group, __global const float *partials, int learned, int slices, int adders, __local float *sums,
                       __global float *target, float factor) {
    const int own = WEIGHTS_GROUP / adders;
    int adder = get_local_id(0) / own;
    int k = group * own + get_local_id(0) % own;
    float sum = 0.0f;
    if (k < learned) {
        #pragma unroll 16
        for (int slice = adder; slice < slices; slice += adders) {
            sum += partials[(size_t)slice * learned + k];
        }
    }
    sums[get_local_id(0)] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (adder == 0 && k < learned) {
        for (int other = 1; other < adders; other++) {
            sum += sums[other * own + get_local_id(0)];
        }
        target[k] += factor * sum;
    }
}

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void step_forward(STEP_ARGUMENTS) {
    __local float tile_values[FORWARD_LOCAL];
    int n = get_group_id(0) * FORWARD_IMAGES;
    int count = min(FORWARD_IMAGES, batch - n);
    __global float *block = workspace + STEP_COMMON + (size_t)n * STEP_BLOCK;
    STEP_FORWARD
}

#ifdef STEP_BACKWARD
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void step_backward(STEP_ARGUMENTS) {
    __local float tile_values[BACKWARD_LOCAL];
    int n = get_group_id(0) * BACKWARD_IMAGES;
    int count = min(BACKWARD_IMAGES, batch - n);
    __global float *block = workspace + STEP_COMMON + (size_t)n * STEP_BLOCK;
    STEP_BACKWARD
}
#endif

__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void step_gradients(STEP_ARGUMENTS) {
    __local float local_values[GRADIENTS_LOCAL];
    int conv_slices = min(CONV_SLICES, batch);
    int group = get_group_id(0);
    STEP_GRADIENTS
}

// Arguments as of step_weights in fused/images/images.cl.
__kernel __attribute__((reqd_work_group_size(WEIGHTS_GROUP, 1, 1)))
void step_weights(__global const float *restrict workspace, __global const float *restrict factor,
                  __global float *restrict target, int batch) {
    __local float sums[WEIGHTS_GROUP];
    int group = get_group_id(0);
    ADD_PARTIALS
}

#undef GROUP
#define GROUP DENSE_GROUP
#undef IN
#undef OUT
#undef WEIGHTS
#undef NAMED
#define IN __local
#define OUT __local
#define WEIGHTS __global
#define NAMED(function) function##_dense
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

// The dense layers of DENSE_IMAGES images at once, by one work-group of DENSE_GROUP work-items, forward and back: a weight is
// read once for all of them. Values are [features, DENSE_IMAGES] in local memory; `images` of them are there.

#ifndef PROGRAM // by itself, as an example
# include "fused/images/layers.cl"
#define largest_of_dense largest_of_local // for groups of another size in a program
#define exponentials_of_dense exponentials_of_local
#define DENSE_GROUP GROUP // work-items of a group
#define DENSE_IMAGES 8 // images a group; a multiple of 4
#define DENSE_LOCAL 8000 // floats of local memory a group
#define STEP_COMMON 1000000 // floats of workspace before the images' blocks
#define STEP_BLOCK 9874 // floats of workspace an image
#define STEP_DENSE dense_fetch(block, 400, local_values, count); SYNC; dense_store(local_values, 400, block, count);
#endif

// y = from, of each image, which lie STEP_BLOCK apart; zero for images that are not there. y [features].
INLINE void dense_fetch(__global const float *from, int features, __local float *y, int images) {
    for EACH(k, DENSE_IMAGES * features) {
        int n = k / features;
        y[k % features * DENSE_IMAGES + n] = n < images ? from[(size_t)n * STEP_BLOCK + k % features] : 0.0f;
    }
}

// to = y of each image.
INLINE void dense_store(__local const float *y, int features, __global float *to, int images) {
    for EACH(k, images * features) {
        int n = k / features;
        to[(size_t)n * STEP_BLOCK + k % features] = y[k % features * DENSE_IMAGES + n];
    }
}

// sums[part, j] = sum over i = part, part + parts, ... of w[i, j] x[i]; x [inputs], w [inputs, outputs], sums [parts, outputs].
// Loops over weights are unrolled so that many of their loads are under way at once.
INLINE void dense_product(__local const float *x, int inputs, __global const float *w, int outputs, int parts,
                          __local float *sums) {
    for EACH(item, parts * outputs) {
        int j = item % outputs;
        float sum[DENSE_IMAGES];
        #pragma unroll
        for (int n = 0; n < DENSE_IMAGES; n++) {
            sum[n] = 0.0f;
        }
        #pragma unroll 8
        for (int i = item / outputs; i < inputs; i += parts) {
            float weight = w[i * outputs + j];
            #pragma unroll
            for (int n = 0; n < DENSE_IMAGES; n++) {
                sum[n] += weight * x[i * DENSE_IMAGES + n];
            }
        }
        #pragma unroll
        for (int n = 0; n < DENSE_IMAGES; n++) {
            sums[item * DENSE_IMAGES + n] = sum[n];
        }
    }
}

// The sum over parts of sums[part, k], `stride` apart.
INLINE float dense_total(__local const float *sums, int k, int stride, int parts) {
    float sum = 0.0f;
    for (int part = 0; part < parts; part++) {
        sum += sums[part * stride + k];
    }
    return sum;
}

// y[j] = b[j] + sum over parts of sums[part, j]; y [outputs].
INLINE void dense_forward_add(__local const float *sums, int outputs, int parts, __local float *y, float4 activation,
                              __global const float *b) {
    for EACH(k, outputs * DENSE_IMAGES) {
        float sum = b[k / DENSE_IMAGES] + dense_total(sums, k, outputs * DENSE_IMAGES, parts);
        y[k] = ACTIVATE(sum);
    }
}

// dx[i] = sum over parts of sums[part, i]; in the place of x [inputs].
INLINE void dense_backward_add(__local const float *sums, int inputs, int parts, __local float *x, float4 x_activation) {
    for EACH(k, inputs * DENSE_IMAGES) {
        x[k] = GRADIENT_BY_INPUT(dense_total(sums, k, inputs * DENSE_IMAGES, parts), x[k]);
    }
}

// The same for the first dense layer, x and dx of each image being in global memory.
INLINE void dense_backward_leave(__local const float *sums, int inputs, int parts, __global const float *x, float4 x_activation,
                                 __global float *dx, int images) {
    for EACH(k, images * inputs) {
        int i = k % inputs;
        size_t at = (size_t)(k / inputs) * STEP_BLOCK + i;
        float sum = dense_total(sums, i * DENSE_IMAGES + k / inputs, inputs * DENSE_IMAGES, parts);
        dx[at] = GRADIENT_BY_INPUT(sum, x[at]);
    }
}

// As softmax_cross_entropy of fused/images/layers.cl for each image, a work-item an image; labels and outcomes are those of the
// images.
INLINE void dense_loss(__local float *x, int classes, float4 x_activation, __global const int *labels, __global const int *order,
                       int batch, __global float *outcomes, int images) {
    for EACH(n, images) {
        __local float *logits = x + n;
        int label = labels[order[n]];
        int largest = largest_of_dense(logits, classes, DENSE_IMAGES);
        float maximum = LARGEST_EXPONENT(logits[largest * DENSE_IMAGES]);
        float sum = exponentials_of_dense(logits, classes, DENSE_IMAGES, maximum);
        outcomes[2 * n] += log(sum) + (maximum - logits[label * DENSE_IMAGES]);
        outcomes[2 * n + 1] += largest == label;
        for (int k = 0; k < classes; k++) {
            float y = logits[k * DENSE_IMAGES];
            float gradient = (exp(y - maximum) / sum - (k == label ? 1.0f : 0.0f)) / batch;
            logits[k * DENSE_IMAGES] = GRADIENT_BY_INPUT(gradient, y);
        }
    }
}

// The dense layers of images first .. first + batch - 1 of the order, forward, loss and back to the gradient by their input.
__kernel __attribute__((reqd_work_group_size(DENSE_GROUP, 1, 1)))
void step_dense(STEP_ARGUMENTS) {
    __local float local_values[DENSE_LOCAL];
    int n = get_group_id(0) * DENSE_IMAGES;
    int count = min(DENSE_IMAGES, batch - n);
    __global float *block = workspace + STEP_COMMON + (size_t)n * STEP_BLOCK;
    STEP_DENSE
}

#undef GROUP
#define GROUP 128
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
