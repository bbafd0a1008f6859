package lenet5.opencl;

import java.util.List;
import lenet5.engine.FusedLayer;
import lenet5.nn.Layer;
import lenet5.nn.Network.Stage;

/**
 * What a block of images has in the workspace, in global memory: the slots that did not fit into local memory and, in
 * training, what the update of the weights needs, a dense layer's inputs and output gradients and a convolution's shares of
 * the weights' gradient. Where groups share an image, also what step_forward leaves to step_backward: the slots that the
 * way back needs, and the parts of the first dense layer's sums.
 */
final class FusedBlock {

    private final Shares shares;
    private final int firstLearning;
    private final int[] storedInputs;
    private final int[] storedGradients;
    private final int[] keptSlots;
    private final int partialSums;
    private final int floats;
    private final int handedOver;
    private final int updateFloats;

    /** Behind {@code spilled} floats of slots. */
    FusedBlock(FusedPlan plan, int spilled) {
        List<FusedLayer> layers = plan.layers();
        int lanes = plan.variant().lanes();
        this.shares = plan.shares();
        this.firstLearning = plan.firstLearning();
        this.storedInputs = new int[layers.size()];
        this.storedGradients = new int[layers.size()];
        this.keptSlots = new int[layers.size()];
        int end = spilled;
        for (int k = 0; plan.training() && k < layers.size(); k++) {
            Stage stage = layers.get(k).stage();
            if (stage.layer() instanceof Layer.Dense) {
                storedInputs[k] = end;
                storedGradients[k] = end + stage.input().size() * lanes;
                end = storedGradients[k] + stage.output().size() * lanes;
            } else if (stage.layer() instanceof Layer.Conv5x5) {
                storedGradients[k] = end;
                // whatever follows stays aligned to whole vectors of lanes
                end += shares.addends(k) * plan.variant().blocks(stage.parameterCount()) * lanes;
            }
        }
        this.updateFloats = end - spilled;
        int kept = end;
        for (int k = 0; k < layers.size(); k++) {
            if (keeps(k)) {
                keptSlots[k] = end;
                end += layers.get(k).stage().input().size();
            }
        }
        this.partialSums = end;
        if (shares.isShared()) {
            Stage dense = layers.get(shares.dense()).stage();
            end += shares.count() * dense.output().size();
            this.handedOver = end - kept + dense.input().size();
        } else {
            this.handedOver = 0;
        }
        this.floats = end;
    }

    /** Where the input of dense layer k is. */
    int storedInput(int k) {
        return storedInputs[k];
    }

    /** Where dense layer k's output gradient, or convolution k's shares of the weights' gradient, are. */
    int storedGradient(int k) {
        return storedGradients[k];
    }

    /** Whether slot k is left to step_backward: the way back needs it, and no dense layer's gradient has it. */
    boolean keeps(int k) {
        return shares.isShared() && k > 0 && k >= firstLearning && k < shares.dense();
    }

    /** Where that slot is, whole. */
    int keptSlot(int k) {
        return keptSlots[k];
    }

    /** Where the parts of the first dense layer's sums are, {@code [outputs, shares]}. */
    int partialSums() {
        return partialSums;
    }

    /** What all of it takes. */
    int floats() {
        return floats;
    }

    /** What step_forward writes and step_backward reads. */
    int handedOver() {
        return handedOver;
    }

    /** What the update of the weights reads. */
    int updateFloats() {
        return updateFloats;
    }
}
