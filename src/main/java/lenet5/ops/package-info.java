/**
 * The primitive operations of training, forward and backward, on tensors: one interface, {@link lenet5.ops.Ops}, and its
 * definition in plain loops, {@link lenet5.ops.ReferenceOps}.
 */
package lenet5.ops;
