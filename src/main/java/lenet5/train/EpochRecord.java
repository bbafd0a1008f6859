package lenet5.train;

import lenet5.engine.Metrics;

/**
 * One epoch's outcome.
 *
 * @param epoch from 1
 * @param training metrics of each image at the step that trained on it
 * @param validation metrics after the epoch
 * @param trainSeconds wall time of the epoch's training alone
 * @param validationSeconds wall time of the validation
 */
public record EpochRecord(
        int epoch, Metrics training, Metrics validation, double trainSeconds, double validationSeconds) {

    public double imagesPerSecond() {
        return training.total() / trainSeconds;
    }
}
