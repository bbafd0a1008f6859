// A network's input, made of stored images.

// A pixel, or a vector of them, divided by scale[0], less scale[1].
#define NORMALIZED(pixel, scale) ((pixel) / (scale)[0] - (scale)[1])

// The pixel (row, column) of image [height, width], zero outside, normalized.
float input_pixel(__global const uchar *image, int height, int width, int row, int column, __global const float *scale) {
    bool inside = row >= 0 && row < height && column >= 0 && column < width;
    float pixel = inside ? image[row * width + column] : 0.0f;
    return NORMALIZED(pixel, scale);
}
