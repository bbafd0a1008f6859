package lenet5.opencl.fused.plan;

import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import lenet5.ops.Work;

/**
 * A launch of a training step that takes a batch's images.
 *
 * @param kernel its name
 * @param workItems by the batch
 * @param work what it does, by the batch
 */
public record StepLaunch(String kernel, IntToLongFunction workItems, IntFunction<Work> work) {}
