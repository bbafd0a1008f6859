// Nothing: what a launch costs by itself.

#define WG_X 64

// Leaves nothing[0] as it is. The compiler does not know that `count` is 0.
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void empty_launch(__global int *nothing, int count) {
    if (count > 0) {
        nothing[0] = count;
    }
}
