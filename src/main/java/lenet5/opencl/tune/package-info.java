/** The search for the fused engine's fastest variant and knobs on a device, and where they are kept. */
package lenet5.opencl.tune;
