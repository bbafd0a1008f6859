// Plain stochastic gradient descent.

#ifndef WG_X
#define WG_X 64 // work-items a group
#endif

// p -= learning_rate g; p, g [count], rate [1]. One work-item an element (axis 0).
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void sgd_update(__global float *restrict parameters, __global const float *restrict gradient,
                __global const float *restrict learning_rate, int count) {
    int i = get_global_id(0);
    if (i < count) {
        parameters[i] -= learning_rate[0] * gradient[i];
    }
}
