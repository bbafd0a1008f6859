// What the device can do at the most: its rate of float multiply-adds and of copying. One work-item a
// vector of LANES floats (axis 0). Every output element is overwritten.

// LANES: floats a work-item holds in one vector: 1, 4, 8 or 16. CHAINS: independent vectors, enough to hide the latency.
#define JOIN(type, lanes) type##lanes
#define VECTOR(lanes) JOIN(float, lanes)
#if LANES == 1
typedef float vector;
#else
typedef VECTOR(LANES) vector;
#endif

#ifndef WG_X
#define WG_X 64 // work-items a group: two or more hardware threads' worth on every GPU
#endif

// result = numbers that each depend on steps * CHAINS multiply-adds; [work-items][LANES].
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void multiply_add(__global vector *restrict result, int steps) {
    vector a[CHAINS];
    // Depends on the work-item, so that the compiler can compute nothing beforehand; 0 < factor < 1, so that nothing overflows.
    vector factor = (vector)(1.0f / (2.0f + get_global_id(0)));
    vector term = (vector)(0.5f);
    for (int c = 0; c < CHAINS; c++) {
        a[c] = (vector)(c);
    }
    for (int s = 0; s < steps; s++) {
        #pragma unroll
        for (int c = 0; c < CHAINS; c++) {
            a[c] = a[c] * factor + term; // contracted to one instruction; a call of fma is slow on some CPU drivers
        }
    }
    vector sum = a[0];
    for (int c = 1; c < CHAINS; c++) {
        sum += a[c];
    }
    result[get_global_id(0)] = sum;
}

// to = from; both [vectors][LANES].
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void copy(__global const vector *restrict from, __global vector *restrict to, int vectors) {
    int i = get_global_id(0);
    if (i < vectors) {
        to[i] = from[i];
    }
}
