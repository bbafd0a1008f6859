package lenet5.peers;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * What was found out about one entrant at one batch size.
 *
 * @param name of the entrant
 * @param ours whether it is an engine of this library
 * @param version of the library
 * @param batchSize images a step
 * @param lossErrors how far its loss was from the reference's in its last process, before and after some steps
 * @param steps of an epoch that were run at a time
 * @param epochSteps of a whole epoch
 * @param epochSeconds seconds an epoch, a list for each process, scaled if {@code steps} is less than {@code epochSteps}
 * @param problem why there is no figure, null if there is
 */
record Result(
        String name,
        boolean ours,
        String version,
        int batchSize,
        double[] lossErrors,
        int steps,
        int epochSteps,
        List<List<Double>> epochSeconds,
        String problem) {

    static final String HEADING = """
            | who | batch | seconds an epoch: median (min to max) | epochs in processes | us a step | loss off by, before and after %d steps |
            |---|---:|---:|---:|---:|---:|""";

    /** Of all epochs of all processes. */
    double median() {
        double[] sorted = sorted();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private double[] sorted() {
        return epochSeconds.stream()
                .flatMap(List::stream)
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
    }

    /** A line of the table under {@link #HEADING}. */
    String row() {
        if (problem != null) {
            return format("| %s | %d | unmeasured: %s | | | %s |", title(), batchSize, problem, errors());
        }
        String scaled = steps < epochSteps ? format(", scaled from %,d of %,d steps", steps, epochSteps) : "";
        double[] sorted = sorted();
        return format(
                "| %s | %d | %.3f (%.3f to %.3f)%s | %d in %d | %.0f | %s |",
                title(),
                batchSize,
                median(),
                sorted[0],
                sorted[sorted.length - 1],
                scaled,
                sorted.length,
                epochSeconds.size(),
                1e6 * median() / epochSteps,
                errors());
    }

    private String title() {
        return version == null ? name : version;
    }

    private String errors() {
        return lossErrors == null
                ? ""
                : list("%.1e", Arrays.stream(lossErrors).boxed().toList());
    }

    /** The values one after the other, each in this format. */
    static String list(String pattern, List<Double> values) {
        return values.stream().map(value -> format(pattern, value)).collect(Collectors.joining(", "));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
