// Whether work-groups have as much local memory as an array of LOCAL ints takes, where a driver says that they have less.

#ifndef WG_X
#define WG_X 256 // work-items a group
#endif

// wrong[0] += how many of the numbers that a group writes into its local memory come back otherwise, to another work-item.
// Every group's numbers differ from every other's.
__kernel __attribute__((reqd_work_group_size(WG_X, 1, 1)))
void local_memory_probe(__global int *wrong, int salt) {
    __local int values[LOCAL];
    int first = salt + get_group_id(0) * LOCAL;
    for (int i = get_local_id(0); i < LOCAL; i += WG_X) {
        values[i] = first + i;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    int count = 0;
    for (int i = get_local_id(0); i < LOCAL; i += WG_X) {
        int other = LOCAL - 1 - i;
        count += values[other] != first + other;
    }
    if (count > 0) {
        atomic_add(wrong, count);
    }
}
