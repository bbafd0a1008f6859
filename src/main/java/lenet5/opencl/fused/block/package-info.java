/**
 * A block of images on its way through all layers and back, in one work-group or work-item: what each kind of layer does, and
 * where its values lie.
 */
package lenet5.opencl.fused.block;
