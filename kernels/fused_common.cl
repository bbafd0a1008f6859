// What the layers of all kinds of fused kernels are written with.
//
// All extents are literals in the calls of a layer's functions, so that once inlined every loop's bounds are known.

#define KERNEL 5
#define TAPS (KERNEL * KERNEL)
#define FRAME (KERNEL - 1)

#define INLINE static inline __attribute__((always_inline))
// A loop over 0 .. count - 1 whose body indexes an array that stays in registers. Compilers unroll it before they inline and so
// know `count`, a literal in the calls; `most` they know.
#define UNROLLED(k, count, most) _Pragma("unroll") for (int k = 0; k < (most); k++) if (k < (count))
#define SQUASH(sum) (squashed ? tanh_rational(sum) : (sum))
#define GRADIENT_BY_INPUT(gradient, y) (x_squashed ? (gradient) * (1.0f - (y) * (y)) : (gradient))

// images [count, size[0], size[1]], labels [count], order, indices of images; size {height, width, padding}, scale {white, mean}.
#define DATA_ARGUMENTS \
    __global const uchar *restrict images, __global const int *restrict labels, __global const int *restrict order, \
    __global const int *restrict size, __global const float *restrict scale
// The images first .. first + batch - 1 of the order; outcomes [batch, 2], losses and hits; workspace as each kernel says.
#define STEP_ARGUMENTS \
    DATA_ARGUMENTS, __global const float *restrict parameters, __global float *workspace, \
    __global float *restrict outcomes, int first, int batch
