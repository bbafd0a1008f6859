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
#include "fused/persistent/epoch.cl"
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
