/** What a training step is planned with, whatever the variant: the device's target, knobs, memory, calls and text. */
package lenet5.opencl.fused.plan;
