/**
 * The fast engine for machines without OpenCL. Images lie side by side in the lanes of a block; the layers say what is
 * multiplied with what, {@link lenet5.cpu.Arithmetic} does it.
 */
package lenet5.cpu;
