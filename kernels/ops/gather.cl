// A batch from a data set that stays on the device.
//
// Geometry: H, W of a stored image, PADDING zeros on each side in the batch.

#include "common/input_pixel.cl"

#define PADDED_H (H + 2 * PADDING)
#define PADDED_W (W + 2 * PADDING)

#ifndef WG_X
#define WG_X 64 // work-items a group
#endif

// batch_images[n] = (zero-padded images[order[first + n]]) / scale[0] - scale[1]; batch_labels[n] likewise, unscaled.
// images bytes [count, H, W], labels [count], order [>= first + batch], scale {white, mean},
// batch_images [batch, PADDED_H, PADDED_W], batch_labels [batch]. Both outputs are overwritten.
// Work-items: axis 0 pixel, axis 1 image n.
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void gather(__global const uchar *restrict images, __global const int *restrict labels, __global const int *restrict order,
            __global const float *restrict scale, __global float *restrict batch_images, __global int *restrict batch_labels,
            int first, int batch) {
    int place = get_global_id(0);
    int n = get_global_id(1);
    if (place >= PADDED_H * PADDED_W) {
        return;
    }
    int row = place / PADDED_W - PADDING;
    int column = place % PADDED_W - PADDING;
    int image = order[first + n];
    batch_images[n * PADDED_H * PADDED_W + place] = input_pixel(images + image * H * W, H, W, row, column, scale);
    if (place == 0) {
        batch_labels[n] = labels[image];
    }
}
