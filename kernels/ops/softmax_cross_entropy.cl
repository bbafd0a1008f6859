// Softmax cross-entropy: each image's loss, whether it was classified rightly, and the gradient by the logits.
//
// Geometry: CLASSES; CONSTANT_LOGIT, the bits of one more logit, minus infinity for none. One work-item an image (axis 0).

#ifndef WG_X
#define WG_X 32 // work-items a group
#endif

// loss[n] += log(sum) - z[n, label], where sum = exp(CONSTANT_LOGIT) + sum over k of exp(z[n, k]); correct[n] += 1 where the
// largest z (the first of equals) is the label's; gradient[n, k] = (exp(z[n, k]) / sum - (k == label)) / batch, overwritten.
// The largest exponent is subtracted first, so none overflows; minus infinity adds nothing.
// logits, gradient [batch, CLASSES]; labels, loss, correct [batch].
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void softmax_cross_entropy(__global const float *restrict logits, __global const int *restrict labels,
                           __global float *restrict gradient, __global float *restrict loss,
                           __global int *restrict correct, int batch) {
    int n = get_global_id(0);
    if (n >= batch) {
        return;
    }
    __global const float *z = logits + n * CLASSES;
    __global float *dz = gradient + n * CLASSES;
    int label = labels[n];
    int largest = 0;
    for (int k = 1; k < CLASSES; k++) {
        largest = z[k] > z[largest] ? k : largest;
    }
    float maximum = max(z[largest], as_float(CONSTANT_LOGIT));
    float sum = exp(as_float(CONSTANT_LOGIT) - maximum);
    for (int k = 0; k < CLASSES; k++) {
        dz[k] = exp(z[k] - maximum);
        sum += dz[k];
    }
    for (int k = 0; k < CLASSES; k++) {
        dz[k] = (dz[k] / sum - (k == label ? 1.0f : 0.0f)) / batch;
    }
    loss[n] += log(sum) + (maximum - z[label]);
    correct[n] += largest == label;
}
