package lenet5.opencl.fused.plan;

import java.util.List;
import lenet5.nn.Network;
import lenet5.opencl.Footprint;
import lenet5.ops.Work;

/** How a variant runs a training step of a network: its launches, the memory that they take, and their kernels' text. */
public interface StepPlan {

    Network network();

    Target target();

    /** What a step launches before {@code step_weights}. */
    List<StepLaunch> launches();

    /** Work-groups of {@code step_weights}. */
    int weightGroups();

    /** What {@code step_weights} does. */
    Work stepWeights(int batch);

    /** Floats of local memory that a work-group takes, of all launches the most. */
    int localFloats();

    /** Floats of workspace that an image's block takes, or that of all lanes of images. */
    int blockFloats();

    /** Floats of workspace that a batch takes. */
    int workspaceFloats(int batch);

    /** Whether everything that a group's work-items hand to one another has found room in local memory. */
    boolean fitsLocalMemory();

    /** Whether work-items of a group hand values to one another in global memory. */
    boolean sharesGlobalMemory();

    /** The bodies of the kernels of {@link #launches} as macros, with the sizes that these need. */
    List<String> bodies(KernelCalls calls);

    /** The body of {@code step_weights}, if it is the one that all blocks of images have. */
    List<String> updateBody();

    /** The files of kernels that only this variant has, behind those of the layers' functions. */
    List<String> files();

    /** What a step takes from the device besides arithmetic. */
    default Footprint footprint(int batchSize) {
        long bytes = stepWeights(batchSize).bytes()
                + launches().stream()
                        .mapToLong(launch -> launch.work().apply(batchSize).bytes())
                        .sum();
        return new Footprint(
                batchSize,
                launches().size() + 1,
                bytes,
                (long) blockFloats() * Float.BYTES / target().lanes(),
                (long) localFloats() * Float.BYTES);
    }

    /** All steps of an epoch. */
    default Work epoch(int batchSize, int count) {
        Work all = step(batchSize).times(count / batchSize);
        int last = count % batchSize;
        return last == 0 ? all : all.plus(step(last));
    }

    private Work step(int batch) {
        Work step = stepWeights(batch);
        for (StepLaunch launch : launches()) {
            step = launch.work().apply(batch).plus(step);
        }
        return step;
    }
}
