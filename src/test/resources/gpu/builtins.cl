// What Clang leaves open of OpenCL C where no library of it is at hand, for NVIDIA's GPUs: enough to have the code of our kernels
// measured, not to run it. exp and log are the approximate instructions.

#define get_local_id(axis) ((size_t)__nvvm_read_ptx_sreg_tid_x())
#define get_group_id(axis) ((size_t)__nvvm_read_ptx_sreg_ctaid_x())
#define get_num_groups(axis) ((size_t)__nvvm_read_ptx_sreg_nctaid_x())
#define get_local_size(axis) ((size_t)__nvvm_read_ptx_sreg_ntid_x())
#define get_global_id(axis) (get_group_id(axis) * get_local_size(axis) + get_local_id(axis))
#define get_global_size(axis) (get_num_groups(axis) * get_local_size(axis))
#define barrier(flags) __syncthreads()
#define fma(a, b, c) __builtin_fmaf(a, b, c)
#define exp(x) __nvvm_ex2_approx_f((x) * 1.442695041f)
#define log(x) (__nvvm_lg2_approx_f(x) * 0.6931471806f)
#define max(a, b) ((a) > (b) ? (a) : (b))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define atomic_add(at, value) ({ \
    int before; \
    __asm__ volatile("atom.global.add.s32 %0, [%1], %2;" : "=r"(before) : "l"(at), "r"(value) : "memory"); \
    before; \
})
#define atomic_inc(at) atomic_add(at, 1)
