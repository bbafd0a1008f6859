package lenet5.peers;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What was found out about one contestant at one batch size.
 *
 * @param name of the contestant
 * @param ours whether it is an engine of this library
 * @param version of the library
 * @param batchSize images a step
 * @param lossErrors how far its loss is from the reference's, before and after some steps
 * @param steps of an epoch that a round ran
 * @param epochSteps of a whole epoch
 * @param epochSeconds seconds an epoch, one figure a round, scaled if {@code steps} is less than {@code epochSteps}
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
        List<Double> epochSeconds,
        String problem) {

    static final String HEADING = """
            | who | batch | seconds an epoch: median (min to max) | microseconds a step | loss off by, before and after %d steps |
            |---|---:|---:|---:|---:|""";

    double median() {
        double[] sorted =
                epochSeconds.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /** A line of the table under {@link #HEADING}. */
    String row() {
        if (problem != null) {
            return format("| %s | %d | unmeasured: %s | | %s |", title(), batchSize, problem, errors());
        }
        String scaled = steps < epochSteps ? format(", scaled from %,d of %,d steps", steps, epochSteps) : "";
        return format(
                "| %s | %d | %.3f (%.3f to %.3f)%s | %.0f | %s |",
                title(),
                batchSize,
                median(),
                epochSeconds.stream().min(Double::compare).orElseThrow(),
                epochSeconds.stream().max(Double::compare).orElseThrow(),
                scaled,
                1e6 * median() / epochSteps,
                errors());
    }

    private String title() {
        return version == null ? name : version;
    }

    private String errors() {
        return lossErrors == null
                ? ""
                : String.join(
                        ", ",
                        Arrays.stream(lossErrors)
                                .mapToObj(error -> format("%.1e", error))
                                .toList());
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
