// 5x5 convolution (cross-correlation), stride 1, no padding: y = w * x + b, and its gradients.
//
// Geometry: IN_MAPS, IN_H, IN_W of x; OUT_MAPS of y; FRAMED_SIZE of a map of y in its frame (see conv5x5_frame).
// Tuning: OUT_TILE, IN_TILE maps of y or x a work-item computes at once, which is how often it uses each value it loads; a
// divisor of their number.
// Layouts: x [images, IN_MAPS, IN_H, IN_W], w [OUT_MAPS, IN_MAPS, 5, 5], b [OUT_MAPS], y [images, OUT_MAPS, OUT_H, OUT_W].
// Every output element is overwritten; sums run in a fixed order.

#define KERNEL 5
#define TAPS (KERNEL * KERNEL)
#define OUT_H (IN_H - KERNEL + 1)
#define OUT_W (IN_W - KERNEL + 1)
#define IN_SIZE (IN_MAPS * IN_H * IN_W)
#define OUT_SIZE (OUT_MAPS * OUT_H * OUT_W)
#define WEIGHTS (OUT_MAPS * IN_MAPS * TAPS)

#ifndef WG_X
#define WG_X 64 // work-items a group, where the geometry does not say it
#endif

// Maps a sum runs over in straight-line code, which compilers for CPUs vectorize across work-items.
#ifndef MAX_UNROLLED_MAPS
#define MAX_UNROLLED_MAPS 16
#endif

#define FRAME (KERNEL - 1)

// y[n, o, r, c] = b[o] + sum over i, u, v of w[o, i, u, v] x[n, i, r + u, c + v].
// Work-items: axis 0 pixel, counted in rows as wide as the input's so that neighbours read neighbours; axis 1 image n and
// OUT_TILE of its maps.
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void conv5x5_forward(__global const float *restrict input, __global const float *restrict weights,
                     __global const float *restrict bias, __global float *restrict output, int batch) {
    int r = get_global_id(0) / IN_W;
    int c = get_global_id(0) % IN_W;
    int n = get_global_id(1) / (OUT_MAPS / OUT_TILE);
    int o = get_global_id(1) % (OUT_MAPS / OUT_TILE) * OUT_TILE;
    if (r >= OUT_H || c >= OUT_W) {
        return;
    }
    float sum[OUT_TILE];
    #pragma unroll
    for (int t = 0; t < OUT_TILE; t++) {
        sum[t] = bias[o + t];
    }
    __global const float *x = input + n * IN_SIZE + get_global_id(0);
    __global const float *w = weights + o * IN_MAPS * TAPS;
    #pragma unroll MAX_UNROLLED_MAPS
    for (int i = 0; i < IN_MAPS; i++) {
        #pragma unroll
        for (int u = 0; u < KERNEL; u++) {
            #pragma unroll
            for (int v = 0; v < KERNEL; v++) {
                float value = x[(i * IN_H + u) * IN_W + v];
                #pragma unroll
                for (int t = 0; t < OUT_TILE; t++) {
                    sum[t] += w[(t * IN_MAPS + i) * TAPS + u * KERNEL + v] * value;
                }
            }
        }
    }
    __global float *y = output + n * OUT_SIZE + (o * OUT_H + r) * OUT_W + c;
    #pragma unroll
    for (int t = 0; t < OUT_TILE; t++) {
        y[t * OUT_H * OUT_W] = sum[t];
    }
}

// framed = dy inside zeros, [images, OUT_MAPS, FRAMED_SIZE]: FRAME rows above and below, FRAME columns to the left. A row's
// right frame is the next row's left one, so rows are OUT_W + FRAME = IN_W apart.
// Work-items: axis 0 element of a framed map, axis 1 image n and map o.
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void conv5x5_frame(__global const float *restrict output_gradient, __global float *restrict framed, int batch) {
    int k = get_global_id(0);
    int map = get_global_id(1);
    int r = k / IN_W - FRAME;
    int c = k % IN_W - FRAME;
    if (k < FRAMED_SIZE) {
        bool inside = r >= 0 && r < OUT_H && c >= 0;
        framed[map * FRAMED_SIZE + k] = inside ? output_gradient[(map * OUT_H + r) * OUT_W + c] : 0.0f;
    }
}

// dx[n, i, r, c] = sum over o, u, v of w[o, i, u, v] dy[n, o, r - u, c - v], terms outside dy being the frame's zeros.
// Work-items: axis 0 pixel of x, axis 1 image n and IN_TILE of its maps.
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void conv5x5_backward_input(__global const float *restrict framed, __global const float *restrict weights,
                            __global float *restrict input_gradient, int batch) {
    int pixel = get_global_id(0);
    int n = get_global_id(1) / (IN_MAPS / IN_TILE);
    int i = get_global_id(1) % (IN_MAPS / IN_TILE) * IN_TILE;
    if (pixel >= IN_H * IN_W) {
        return;
    }
    float sum[IN_TILE];
    #pragma unroll
    for (int t = 0; t < IN_TILE; t++) {
        sum[t] = 0.0f;
    }
    __global const float *dy = framed + n * OUT_MAPS * FRAMED_SIZE + pixel;
    __global const float *w = weights + i * TAPS;
    #pragma unroll MAX_UNROLLED_MAPS
    for (int o = 0; o < OUT_MAPS; o++) {
        #pragma unroll
        for (int u = 0; u < KERNEL; u++) {
            #pragma unroll
            for (int v = 0; v < KERNEL; v++) {
                float value = dy[o * FRAMED_SIZE + (FRAME - u) * IN_W + FRAME - v];
                #pragma unroll
                for (int t = 0; t < IN_TILE; t++) {
                    sum[t] += w[(o * IN_MAPS + t) * TAPS + u * KERNEL + v] * value;
                }
            }
        }
    }
    __global float *dx = input_gradient + n * IN_SIZE + i * IN_H * IN_W + pixel;
    #pragma unroll
    for (int t = 0; t < IN_TILE; t++) {
        dx[t * IN_H * IN_W] = sum[t];
    }
}

// One image's contribution to dw[o, i, u, v] = sum over n, r, c of dy[n, o, r, c] x[n, i, r + u, c + v] and db[o] = sum of dy:
// contributions [images, WEIGHTS + OUT_MAPS], weights first.
// Work-items: axis 0 column c, axis 1 input map i, axis 2 image n and output map o; a group holds all columns of one
// map's pair. Each work-item sums its column; the columns are then added in order.
__kernel __attribute__((reqd_work_group_size(OUT_W, 1, 1)))
void conv5x5_backward_weights_partial(__global const float *restrict input, __global const float *restrict output_gradient,
                                      __global float *restrict contributions, int batch) {
    __local float column[TAPS + 1][OUT_W];
    int c = get_global_id(0);
    int i = get_global_id(1);
    int n = get_global_id(2) / OUT_MAPS;
    int o = get_global_id(2) % OUT_MAPS;
    __global const float *x = input + n * IN_SIZE + i * IN_H * IN_W + c;
    __global const float *dy = output_gradient + n * OUT_SIZE + o * OUT_H * OUT_W + c;
    float sum[TAPS + 1];
    #pragma unroll
    for (int t = 0; t <= TAPS; t++) {
        sum[t] = 0.0f;
    }
    #pragma unroll
    for (int r = 0; r < OUT_H; r++) {
        float g = dy[r * OUT_W];
        #pragma unroll
        for (int u = 0; u < KERNEL; u++) {
            #pragma unroll
            for (int v = 0; v < KERNEL; v++) {
                sum[u * KERNEL + v] += g * x[(r + u) * IN_W + v];
            }
        }
        sum[TAPS] += g;
    }
    for (int t = 0; t <= TAPS; t++) {
        column[t][c] = sum[t];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    __global float *own = contributions + n * (WEIGHTS + OUT_MAPS);
    for (int t = c; t <= TAPS; t += OUT_W) {
        float total = 0.0f;
        for (int k = 0; k < OUT_W; k++) {
            total += column[t][k];
        }
        if (t < TAPS) {
            own[(o * IN_MAPS + i) * TAPS + t] = total;
        } else if (i == 0) {
            own[WEIGHTS + o] = total;
        }
    }
}

// dw and db as the sum of the images' contributions, in the images' order. One work-item a weight or bias (axis 0).
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void conv5x5_backward_weights_sum(__global const float *restrict contributions, __global float *restrict weights_gradient,
                                  __global float *restrict bias_gradient, int batch) {
    int k = get_global_id(0);
    if (k >= WEIGHTS + OUT_MAPS) {
        return;
    }
    float total = 0.0f;
    for (int n = 0; n < batch; n++) {
        total += contributions[n * (WEIGHTS + OUT_MAPS) + k];
    }
    if (k < WEIGHTS) {
        weights_gradient[k] = total;
    } else {
        bias_gradient[k - WEIGHTS] = total;
    }
}
