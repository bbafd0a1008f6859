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
