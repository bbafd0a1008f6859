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
