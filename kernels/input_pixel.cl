// One pixel of a network's input, made of a stored image.

// The pixel (row, column) of image [height, width], zero outside, divided by scale[0], less scale[1].
float input_pixel(__global const uchar *image, int height, int width, int row, int column, __global const float *scale) {
    bool inside = row >= 0 && row < height && column >= 0 && column < width;
    float pixel = inside ? image[row * width + column] : 0.0f;
    return pixel / scale[0] - scale[1];
}
