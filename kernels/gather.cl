// A batch from a data set that stays on the device.
//
// Geometry: H, W of a stored image, PADDING zeros on each side in the batch.

#include "input_pixel.cl"

#define PADDED_H (H + 2 * PADDING)
#define PADDED_W (W + 2 * PADDING)

#ifndef WG_Y
#define WG_Y 4 // rows a group writes
#endif

// batch_images[n] = (zero-padded images[order[first + n]]) / scale[0] - scale[1]; batch_labels[n] likewise, unscaled.
// images bytes [count, H, W], labels [count], order [>= first + batch], scale {white, mean},
// batch_images [batch, PADDED_H, PADDED_W], batch_labels [batch]. Both outputs are overwritten.
// Work-items: axis 0 column, axis 1 row, axis 2 image n.
__kernel __attribute__((reqd_work_group_size(PADDED_W, WG_Y, 1)))
void gather(__global const uchar *restrict images, __global const int *restrict labels, __global const int *restrict order,
            __global const float *restrict scale, __global float *restrict batch_images, __global int *restrict batch_labels,
            int first, int batch) {
    int column = get_global_id(0);
    int row = get_global_id(1);
    int n = get_global_id(2);
    if (row >= PADDED_H) {
        return;
    }
    int image = order[first + n];
    batch_images[(n * PADDED_H + row) * PADDED_W + column] =
            input_pixel(images + image * H * W, H, W, row - PADDING, column - PADDING, scale);
    if (row == 0 && column == 0) {
        batch_labels[n] = labels[image];
    }
}
