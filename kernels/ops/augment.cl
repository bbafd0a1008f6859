// A data set's images drawn afresh: shifted, turned, stretched, slanted and bent, each in its own way.
//
// Geometry: H, W of an image. Ranges as multiples of 2^-FRACTION: TURN in radians, STRETCH, SLANT, SHIFT and BEND in pixels;
// cells of 2^CELL_BITS pixels. Only integers, so that every device draws the same bytes as lenet5.ops.Augmentation, which
// explains them.

#define ONE (1 << FRACTION)
#define CELL (1 << CELL_BITS)
#define CORNERS (((W - 1) >> CELL_BITS) + 2) // of cells in a row
#define BLEND 8                              // bits of a position between two pixels

#ifndef WG_X
#define WG_X 64 // work-items a group
#endif

// MurmurHash3's finalizer of key + index / golden ratio.
int mix_key(int key, int index) {
    uint x = (uint)key + (uint)index * 0x9e3779b9u;
    x = (x ^ (x >> 16)) * 0x85ebca6bu;
    x = (x ^ (x >> 13)) * 0xc2b2ae35u;
    return as_int(x ^ (x >> 16));
}

// A number from -range to range.
int random(int key, int index, int range) {
    return ((mix_key(key, index) >> 16) * range) >> FRACTION;
}

int product(int a, int b) {
    return (a * b) >> FRACTION;
}

// The displacement at a pixel along an axis.
int bend(int own, int row, int column, int axis) {
    int corner = (row >> CELL_BITS) * CORNERS + (column >> CELL_BITS);
    int below = row & (CELL - 1);
    int right = column & (CELL - 1);
    int first = 6 + 2 * corner + axis;
    int left_side = random(own, first, BEND) * (CELL - below) + random(own, first + 2 * CORNERS, BEND) * below;
    int right_side = random(own, first + 2, BEND) * (CELL - below) + random(own, first + 2 * CORNERS + 2, BEND) * below;
    return (left_side * (CELL - right) + right_side * right) >> (2 * CELL_BITS);
}

int pixel(__global const uchar *image, int row, int column) {
    bool inside = row >= 0 && row < H && column >= 0 && column < W;
    return inside ? image[row * W + column] : 0;
}

// augmented[n] = images[n], drawn as key and n decide; both bytes [count, H, W]. Overwritten.
// Work-items: axis 0 pixel, axis 1 image n.
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void augment(__global const uchar *restrict images, __global uchar *restrict augmented, int key, int count) {
    int place = get_global_id(0);
    int n = get_global_id(1);
    if (place >= H * W || n >= count) {
        return;
    }
    int row = place / W;
    int column = place % W;
    int own = mix_key(key, n);
    int turn = random(own, 0, TURN);
    int cosine = ONE - ((turn * turn) >> (FRACTION + 1));
    int stretch_x = ONE + random(own, 1, STRETCH);
    int stretch_y = ONE + random(own, 2, STRETCH);
    int twice_x = 2 * column - (W - 1);
    int twice_y = 2 * row - (H - 1);
    int x = ((product(stretch_x, cosine) * twice_x + product(stretch_x, random(own, 3, SLANT) - turn) * twice_y) >> 1)
        + ((W - 1) << (FRACTION - 1)) + random(own, 4, SHIFT) + bend(own, row, column, 0);
    int y = ((product(stretch_y, turn) * twice_x + product(stretch_y, cosine) * twice_y) >> 1)
        + ((H - 1) << (FRACTION - 1)) + random(own, 5, SHIFT) + bend(own, row, column, 1);

    int fine_x = (x + (1 << (FRACTION - BLEND - 1))) >> (FRACTION - BLEND);
    int fine_y = (y + (1 << (FRACTION - BLEND - 1))) >> (FRACTION - BLEND);
    int c = fine_x >> BLEND;
    int r = fine_y >> BLEND;
    int right = fine_x & ((1 << BLEND) - 1);
    int below = fine_y & ((1 << BLEND) - 1);
    int left = (1 << BLEND) - right;
    __global const uchar *image = images + n * (H * W);
    int upper = pixel(image, r, c) * left + pixel(image, r, c + 1) * right;
    int lower = pixel(image, r + 1, c) * left + pixel(image, r + 1, c + 1) * right;
    augmented[n * (H * W) + place] =
        (uchar)((upper * ((1 << BLEND) - below) + lower * below + (1 << (2 * BLEND - 1))) >> (2 * BLEND));
}
