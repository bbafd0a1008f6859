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

// An activation is {A, S, A S, S / A} of A tanh(S x), all 0 for the identity: literals in the calls, so that once inlined
// nothing is left of a factor of 1.
#define TANH(amplitude, slope) (float4)(amplitude, slope, (amplitude) * (slope), (slope) / (amplitude))
#define IDENTITY (float4)(0.0f)
#define ACTIVATED(f, sum) ((f).x != 0.0f ? (f).x * tanh_rational((f).y * (sum)) : (sum))
#define DERIVATIVE(f, value) ((f).z - (f).w * (value) * (value))
#define ACTIVATE(sum) ACTIVATED(activation, sum)
#define GRADIENT_BY_INPUT(gradient, value) \
    (x_activation.x != 0.0f ? (gradient) * DERIVATIVE(x_activation, value) : (gradient))

// The loss has the network's logits and one more, CONSTANT_LOGIT, -INFINITY for none: of exponents the largest, or vectors of
// them, and what it adds to the sum.
#define HAS_CONSTANT (CONSTANT_LOGIT > -INFINITY)
#define LARGEST_EXPONENT(largest) (HAS_CONSTANT ? max(largest, CONSTANT_LOGIT) : (largest))
#define CONSTANT_EXPONENTIAL(maximum) (HAS_CONSTANT ? exp(CONSTANT_LOGIT - (maximum)) : 0.0f)

// images [count, size[0], size[1]], labels [count], order, indices of images; size {height, width, padding}, scale {white, mean}.
#define DATA_ARGUMENTS \
    __global const uchar *restrict images, __global const int *restrict labels, __global const int *restrict order, \
    __global const int *restrict size, __global const float *restrict scale
// The images first .. first + batch - 1 of the order; outcomes [batch, 2], losses and hits; workspace as each kernel says.
#define STEP_ARGUMENTS \
    DATA_ARGUMENTS, __global const float *restrict parameters, __global float *workspace, \
    __global float *restrict outcomes, int first, int batch
