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
#include "fused/persistent/epoch.cl"
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
