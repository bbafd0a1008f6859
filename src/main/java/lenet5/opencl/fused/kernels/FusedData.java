package lenet5.opencl.fused.kernels;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.engine.StagedImages;
import lenet5.nn.Shape;
import lenet5.opencl.DeviceBuffer;
import lenet5.opencl.Launch;
import lenet5.opencl.OpenClOps;
import lenet5.opencl.Resource;
import lenet5.opencl.fused.plan.GridBarrier;
import lenet5.opencl.fused.plan.StepLaunch;
import lenet5.ops.Augment;
import lenet5.ops.Augmentation;
import lenet5.ops.ElementType;

/** A data set on the device, with the orders it is gone through and the kernels bound to both. */
public final class FusedData extends StagedImages {

    private final FusedKernels kernels;
    private final DeviceBuffer images;
    private final DeviceBuffer order;
    private final List<DeviceBuffer> stepBuffers;
    private final List<StepLaunch> steps;
    private final List<Launch> stepImages;
    private final Launch evaluateImages;
    /** Null until it is needed. */
    private Launch trainEpoch;
    /** Null until it is needed. */
    private Augment augment;

    public FusedData(FusedKernels kernels, LabeledImages data, Normalization normalization) {
        super(data);
        this.kernels = kernels;
        try {
            Shape input = kernels.step().network().input();
            DeviceBuffer size = hold(kernels.ints(data.height(), data.width(), data.paddingTo(input)));
            this.images = hold(bytes(data));
            images.write(data.pixels());
            DeviceBuffer labels = hold(kernels.ints(
                    IntStream.range(0, count()).map(i -> data.labels()[i]).toArray()));
            DeviceBuffer scale = hold(kernels.floats(2));
            scale.write(new float[] {Normalization.WHITE, normalization.mean()});
            DeviceBuffer naturalOrder =
                    hold(kernels.ints(IntStream.range(0, count()).toArray()));
            this.order = hold(kernels.context().allocate(ElementType.INT, Shape.of(count())));
            this.stepBuffers = List.of(
                    images,
                    labels,
                    order,
                    size,
                    scale,
                    kernels.parameters(),
                    kernels.stepWorkspace(),
                    kernels.outcomes());
            this.steps = kernels.step().launches();
            this.stepImages = steps.stream()
                    .map(step -> hold(kernels.bind(step.kernel(), stepBuffers)).doing(step.work()))
                    .toList();
            this.evaluateImages = hold(kernels.bind(
                            "evaluate_images",
                            List.of(
                                    images,
                                    labels,
                                    naturalOrder,
                                    size,
                                    scale,
                                    kernels.parameters(),
                                    kernels.evaluationWorkspace(),
                                    kernels.outcomes(),
                                    kernels.logits())))
                    .doing(kernels::evaluateImages);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private DeviceBuffer bytes(LabeledImages data) {
        return kernels.context().allocate(ElementType.BYTE, Shape.of(count(), data.height(), data.width()));
    }

    private <R extends Resource> R hold(R resource) {
        onClose(resource::close);
        return resource;
    }

    @Override
    public void augment(long seed, int epoch) {
        requireOpen();
        if (augment == null) {
            DeviceBuffer originals = hold(bytes(images()));
            originals.write(images().pixels());
            augment = new OpenClOps(kernels.context()).augment(originals, images);
            onClose(augment::close);
        }
        augment.run(Augmentation.key(seed, epoch));
    }

    /** Whether it was staged for {@code others}. */
    public boolean isFor(FusedKernels others) {
        return kernels == others;
    }

    public void setOrder(int[] indices) {
        requireOrder(indices);
        order.write(Arrays.copyOf(indices, count()));
    }

    /** What a training step starts with: the batch's losses and gradients. */
    public void step(int first, int batch) {
        for (int k = 0; k < steps.size(); k++) {
            stepImages.get(k).run(steps.get(k).workItems().applyAsLong(batch), 1, 1, first, batch);
        }
    }

    /** Trains on {@code count} images of the order from {@code start} on with launches for each step. */
    public void trainSteps(int start, int batchSize, int count) {
        for (int first = start; first < start + count; first += batchSize) {
            int batch = Math.min(batchSize, start + count - first);
            step(first, batch);
            kernels.descend(batch);
        }
    }

    /** As {@link #trainSteps}, in one launch. */
    public void trainAtOnce(GridBarrier barrier, DeviceBuffer grid, int start, int batchSize, int count) {
        if (trainEpoch == null) {
            trainEpoch = hold(kernels.epochOf(stepBuffers, barrier, grid))
                    .doing(images -> kernels.step().epoch(batchSize, images));
        }
        trainEpoch.run((long) barrier.groups() * kernels.target().group(), 1, 1, start, batchSize, count);
    }

    public void evaluate(int first, int batch) {
        evaluateImages.run(kernels.target().workItems(batch), 1, 1, first, batch);
    }
}
