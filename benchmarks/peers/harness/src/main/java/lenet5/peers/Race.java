package lenet5.peers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * All entrants at one batch size. In a round each in turn is started afresh, checked, warmed up, timed and ended, so that
 * the times differ as processes do. Who is wrong is not timed.
 */
final class Race {

    /** Steps after which the losses are compared a second time: gradients and updates are right then, too. */
    static final int CHECKED_STEPS = 5;

    private static final double LOSS_TOLERANCE = 1e-4;
    private static final int FIRST_STEPS = 10;

    /** After these the engines in Java are compiled. */
    private static final double WARM_UP_SECONDS = 3;

    private final int batchSize;
    private final double[] expected;
    private final double seconds;
    private final double longest;
    private final int epochSteps;
    private final List<Entry> entries;

    /** What is known of a entrant so far. */
    private static final class Entry {
        final Entrant entrant;
        final List<List<Double>> epochSeconds = new ArrayList<>();
        String version;
        double[] lossErrors;
        int steps;
        String problem;

        Entry(Entrant entrant) {
            this.entrant = entrant;
        }
    }

    /**
     * A race that is to be run.
     *
     * @param expected the reference's losses on the first batch, before and after {@link #CHECKED_STEPS} steps
     * @param seconds a process is timed for, an epoch at least
     * @param longest seconds an epoch may take; of a longer one only the first steps that fit are run, and scaled
     */
    Race(List<Entrant> entrants, int batchSize, double[] expected, double seconds, double longest) {
        this.entries = entrants.stream().map(Entry::new).toList();
        this.batchSize = batchSize;
        this.expected = expected;
        this.seconds = seconds;
        this.longest = longest;
        this.epochSteps = (Workload.IMAGES + batchSize - 1) / batchSize;
    }

    void round() {
        entries.stream().filter(entry -> entry.problem == null).forEach(this::take);
    }

    List<Result> results() {
        return entries.stream().map(this::result).toList();
    }

    /** One entrant's failure must not hide the others' rows. */
    private void take(Entry entry) {
        try (WorkerProcess process = entry.entrant.start(batchSize)) {
            check(process, entry);
            double stepSeconds = warmUp(process);
            if (entry.epochSeconds.isEmpty()) {
                entry.steps = (int) Math.max(1, Math.min(epochSteps, longest / stepSeconds));
            }
            List<Double> timed = time(process, entry.steps);
            entry.epochSeconds.add(timed);
            say(entry, "round %d, seconds an epoch: %s", entry.epochSeconds.size(), Result.list("%.3f", timed));
        } catch (IOException | NumberFormatException e) {
            entry.problem = e.getMessage();
            say(entry, "%s", entry.problem);
        }
    }

    private void check(WorkerProcess process, Entry entry) throws IOException {
        entry.version = process.open(batchSize);
        double[] actual = process.check(CHECKED_STEPS);
        entry.lossErrors = new double[] {Math.abs(actual[0] - expected[0]), Math.abs(actual[1] - expected[1])};
        // NaN passes no comparison
        if (!(entry.lossErrors[0] <= LOSS_TOLERANCE && entry.lossErrors[1] <= LOSS_TOLERANCE)) {
            throw new IOException("its loss is not the reference's");
        }
    }

    /** Runs more and more steps; the last, least disturbed run tells how long one takes. */
    private double warmUp(WorkerProcess process) throws IOException {
        int steps = Math.min(epochSteps, FIRST_STEPS);
        double last;
        double spent = 0;
        do {
            double run = process.seconds(0, steps);
            last = run / steps;
            spent += run;
            if (run < WARM_UP_SECONDS / 4) {
                steps = Math.min(2 * steps, epochSteps);
            }
        } while (spent < WARM_UP_SECONDS);
        return last;
    }

    private List<Double> time(WorkerProcess process, int steps) throws IOException {
        List<Double> epochs = new ArrayList<>();
        double spent = 0;
        do {
            double run = process.seconds(epochs.size() + 1, steps);
            epochs.add(run * epochSteps / steps);
            spent += run;
        } while (spent < seconds);
        return epochs;
    }

    private Result result(Entry entry) {
        return new Result(
                entry.entrant.name(),
                entry.entrant.ours(),
                entry.version,
                batchSize,
                entry.lossErrors,
                entry.steps,
                epochSteps,
                entry.epochSeconds,
                entry.problem);
    }

    private void say(Entry entry, String format, Object... values) {
        String what = String.format(Locale.ROOT, format, values);
        System.err.printf("%s, batch %d: %s%n", entry.entrant.name(), batchSize, what);
    }
}
