package lenet5.ops;

import static lenet5.ops.ReferenceLoops.inParallel;
import static lenet5.ops.ReferenceLoops.within;

import lenet5.nn.Loss;

/** The reference's loss, with its gradient by the logits. */
final class ReferenceLoss {

    private ReferenceLoss() {}

    static Operation softmaxCrossEntropy(
            Loss definition,
            HostTensor logits,
            HostTensor labels,
            HostTensor gradient,
            HostTensor loss,
            HostTensor correct) {
        LossGeometry g = LossGeometry.of(logits, labels, gradient, loss, correct);
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    int row = n * g.classes();
                    int label = (int) labels.get(n);
                    int largest = 0;
                    for (int k = 1; k < g.classes(); k++) {
                        largest = logits.get(row + k) > logits.get(row + largest) ? k : largest;
                    }
                    double maximum = Math.max(logits.get(row + largest), definition.constantLogit());
                    double sum = Math.exp(definition.constantLogit() - maximum);
                    for (int k = 0; k < g.classes(); k++) {
                        sum += Math.exp(logits.get(row + k) - maximum);
                    }
                    for (int k = 0; k < g.classes(); k++) {
                        double probability = Math.exp(logits.get(row + k) - maximum) / sum;
                        gradient.set(row + k, (probability - (k == label ? 1 : 0)) / batch);
                    }
                    loss.set(n, loss.get(n) + Math.log(sum) + maximum - logits.get(row + label));
                    correct.set(n, correct.get(n) + (largest == label ? 1 : 0));
                }));
    }
}
