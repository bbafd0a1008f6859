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
