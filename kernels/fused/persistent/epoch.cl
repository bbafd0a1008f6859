// Many steps in one launch, up to a whole epoch, whose groups must all run at once: they go through the steps together.
//
// For kernels of both kinds, whose step_block and update_weights this calls. The groups take the blocks of a batch in turns,
// wait for one another, take the weights in turns and wait again. Groups of step_weights are ranges of WEIGHTS_GROUP
// work-items here.
// Tuning: LOOKS, how often a group looks whether the others have come before it gives up. MEMBAR, for NVIDIA's driver, whose
// fences reach no further than a work-group: its own instruction for one that reaches the device.

#ifndef PROGRAM // by itself, as an example
# include "fused/images/images.cl"
#define LOOKS 4194304 // about two seconds of a GPU
#define MEMBAR 1 // NVIDIA's
#endif

#ifdef MEMBAR
#define FENCE_DEVICE asm volatile("membar.gl;" : : : "memory")
#else
#define FENCE_DEVICE
#endif

#define ARRIVALS 0
#define GIVEN_UP 1
#define BEFORE 2

// Waits until the groups have come here `arrivals` times in all, and makes what they wrote before visible to this one. grid
// {arrivals, groups that gave up, arrivals of the launches before}. False if one gave up: then every group gets here, or to the
// next call, and goes. The first atomic function releases what the group wrote, the last one acquires what the others did.
INLINE bool grid_barrier(__global volatile int *grid, __local int *open, int arrivals) {
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    if (get_local_id(0) == 0) {
        FENCE_DEVICE;
        atomic_inc(grid + ARRIVALS);
        int looks = 0;
        // as a difference, since the count may run over
        while (grid[ARRIVALS] - arrivals < 0 && grid[GIVEN_UP] == 0 && looks < LOOKS) {
            looks++;
        }
        if (atomic_add(grid + ARRIVALS, 0) - arrivals < 0) {
            atomic_inc(grid + GIVEN_UP);
        }
        FENCE_DEVICE;
        *open = atomic_add(grid + GIVEN_UP, 0) == 0;
    }
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    return *open;
}

// The `count` images of the order from `start` on, in batches of up to `most`. Arguments as step_images and step_weights take them;
// parameters are their target, too. grid {0, 0, 0} or as a launch without groups that gave up left it.
// What other groups write is not behind `restrict`, since such loads may pass the barrier, or come from a cache that knows
// nothing of other groups.
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void train_epoch(DATA_ARGUMENTS, __global float *parameters, __global float *workspace, __global float *restrict outcomes,
                 __global const float *restrict factor, __global volatile int *grid, int start, int most, int count) {
    __local float local_values[STEP_LOCAL];
    __local int open;
    __global float *slots = workspace + (size_t)get_group_id(0) * STEP_BLOCK;
    int arrivals = grid[BEFORE];
    bool all = true;
    for (int first = start; all && first < start + count; first += most) {
        int batch = min(most, start + count - first);
        for (int n = get_group_id(0) * LANES; n < batch; n += get_num_groups(0) * LANES) {
            step_block(images, labels, order, size, scale, parameters, workspace, slots, outcomes, local_values, first, batch, n);
            SYNC; // the next image takes this one's place
        }
        arrivals += get_num_groups(0);
        all = grid_barrier(grid, &open, arrivals);
        if (all) {
            for (int item = get_global_id(0); item < STEP_WEIGHT_GROUPS * WEIGHTS_GROUP; item += get_global_size(0)) {
                update_weights(workspace, factor, parameters, batch, item / WEIGHTS_GROUP, item % WEIGHTS_GROUP);
            }
            arrivals += get_num_groups(0);
            all = grid_barrier(grid, &open, arrivals);
        }
    }
    if (get_global_id(0) == 0) {
        grid[BEFORE] = arrivals; // every group has read it before it came to a barrier
    }
}
