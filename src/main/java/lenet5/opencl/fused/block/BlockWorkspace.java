package lenet5.opencl.fused.block;

import lenet5.nn.Network.Placed;

/**
 * What a block of images has in the workspace, in global memory: the slots that did not fit into local memory and, in
 * training, what the update of the weights needs, a dense layer's inputs and output gradients and a convolution's contribution
 * to the weights' gradient. Where groups share an image, also what step_forward leaves to step_backward: the slots that the
 * way back needs, and the groups' shares of the first dense layer's sums.
 */
public final class BlockWorkspace {

    private final Shares shares;
    private final int firstLearning;
    private final int[] storedInputs;
    private final int[] storedGradients;
    private final int[] keptSlots;
    private final int sharedSums;
    private final int floats;
    private final int handedOver;
    private final int updateFloats;

    /** Behind {@code spilled} floats of slots. */
    BlockWorkspace(BlockLayers layers, int spilled) {
        this.shares = layers.shares();
        this.firstLearning = layers.firstLearning();
        this.storedInputs = new int[layers.count()];
        this.storedGradients = new int[layers.count()];
        this.keptSlots = new int[layers.count()];
        int end = spilled;
        for (int k = 0; layers.training() && k < layers.count(); k++) {
            FusedOp op = layers.ops().get(k);
            storedInputs[k] = end;
            storedGradients[k] = end + op.keptInput(layers, k);
            end = storedGradients[k] + op.keptGradient(layers, k);
        }
        this.updateFloats = end - spilled;
        int kept = end;
        for (int k = 0; k < layers.count(); k++) {
            if (keeps(k)) {
                keptSlots[k] = end;
                end += layers.layers().get(k).placed().input().size();
            }
        }
        this.sharedSums = end;
        if (shares.isShared()) {
            Placed dense = layers.layers().get(shares.dense()).placed();
            end += shares.count() * dense.output().size();
            this.handedOver = end - kept + dense.input().size();
        } else {
            this.handedOver = 0;
        }
        this.floats = end;
    }

    /** Where the input of dense layer k is. */
    public int storedInput(int k) {
        return storedInputs[k];
    }

    /** Where dense layer k's output gradient, or convolution k's contribution to the weights' gradient, are. */
    public int storedGradient(int k) {
        return storedGradients[k];
    }

    /** Whether slot k is left to step_backward: the way back needs it, and no dense layer's gradient has it. */
    public boolean keeps(int k) {
        return shares.isShared() && k > 0 && k >= firstLearning && k < shares.dense();
    }

    /** Where that slot is, whole. */
    public int keptSlot(int k) {
        return keptSlots[k];
    }

    /** Where the groups' shares of the first dense layer's sums are, {@code [outputs, shares]}. */
    public int sharedSums() {
        return sharedSums;
    }

    /** What all of it takes. */
    public int floats() {
        return floats;
    }

    /** What step_forward writes and step_backward reads. */
    public int handedOver() {
        return handedOver;
    }

    /** What the update of the weights reads. */
    int updateFloats() {
        return updateFloats;
    }
}
