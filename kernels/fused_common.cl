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
