package lenet5.cpu;

import java.util.Arrays;
import lenet5.engine.Metrics;

/** What became of each image of an order. Each element has one writer, so workers need no locks. */
final class Outcome {

    final double[] loss;
    final boolean[] correct;

    Outcome(int images) {
        loss = new double[images];
        correct = new boolean[images];
    }

    Metrics metrics() {
        int hits = 0;
        for (boolean hit : correct) {
            hits += hit ? 1 : 0;
        }
        return new Metrics(Arrays.stream(loss).sum() / loss.length, hits, loss.length);
    }
}
