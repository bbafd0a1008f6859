package lenet5.report;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lenet5.data.Splits;
import lenet5.engine.Metrics;
import lenet5.train.EpochRecord;
import lenet5.train.Model;

/**
 * What a report tells of.
 *
 * @param device where it ran, for people
 * @param engine the engine's name
 * @param options the command's options and their values, in the order to show them
 * @param modelFile where the model is kept, if it is
 * @param data what was learned from and tested on
 * @param model what was learned
 * @param history one record an epoch; empty if nothing was trained
 * @param test metrics on the test images
 * @param testLogits the network's answer to each test image, {@code [count, classes]}
 */
public record ReportedRun(
        String device,
        String engine,
        Map<String, String> options,
        Optional<Path> modelFile,
        Splits data,
        Model model,
        List<EpochRecord> history,
        Metrics test,
        float[][] testLogits) {}
