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
