package lenet5.peers;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lenet5.bench.Contender;

/** One batch size: everybody is checked, warmed up and then timed in turn. Who is wrong is not timed. */
final class Race {

    /** Steps after which the losses are compared a second time: gradients and updates are right then, too. */
    static final int CHECKED_STEPS = 5;

    private static final double LOSS_TOLERANCE = 1e-4;
    private static final int FIRST_STEPS = 10;
    private static final double WARM_UP_SECONDS = 5;

    private final List<Contestant> contestants;
    private final int batchSize;
    private final int rounds;
    private final double longest;
    private final int epochSteps;
    private final Map<Contestant, Entry> entries = new LinkedHashMap<>();

    /** What is known of a contestant so far. */
    private static final class Entry {
        String version;
        double[] lossErrors;
        int steps;
        String problem;
        final List<Double> epochSeconds = new ArrayList<>();
    }

    @FunctionalInterface
    private interface Act {
        void on(Contestant contestant, Entry entry) throws IOException;
    }

    Race(List<Contestant> contestants, int batchSize, int rounds, double longest) {
        this.contestants = contestants;
        this.batchSize = batchSize;
        this.rounds = rounds;
        this.longest = longest;
        this.epochSteps = (Workload.IMAGES + batchSize - 1) / batchSize;
    }

    List<Result> run(Workload workload) {
        double[] expected;
        try (Peer reference = Ours.open(Contender.reference(), workload, batchSize)) {
            expected = Worker.losses(reference, workload, batchSize, CHECKED_STEPS);
        }
        for (Contestant contestant : contestants) {
            entries.put(contestant, new Entry());
            attempt(contestant, (one, entry) -> check(one, entry, expected));
            attempt(contestant, this::warmUp);
        }
        for (int round = 1; round <= rounds; round++) {
            int epoch = round;
            for (Contestant contestant : contestants) {
                attempt(contestant, (one, entry) -> time(one, entry, epoch));
            }
        }
        return contestants.stream().map(this::result).toList();
    }

    /** One contestant's failure must not hide the others' rows. */
    private void attempt(Contestant contestant, Act act) {
        Entry entry = entries.get(contestant);
        if (entry.problem != null) {
            return;
        }
        try {
            act.on(contestant, entry);
        } catch (IOException | NumberFormatException e) {
            entry.problem = e.getMessage();
        }
        if (entry.problem != null) {
            say("%s, batch %d: %s", contestant.name(), batchSize, entry.problem);
        }
    }

    private void check(Contestant contestant, Entry entry, double[] expected) throws IOException {
        entry.version = contestant.open(batchSize);
        double[] actual = contestant.check(CHECKED_STEPS);
        entry.lossErrors = new double[] {Math.abs(actual[0] - expected[0]), Math.abs(actual[1] - expected[1])};
        say(
                "%s, batch %d: loss %.6f (the reference's %.6f), after %d steps %.6f (%.6f)",
                entry.version, batchSize, actual[0], expected[0], CHECKED_STEPS, actual[1], expected[1]);
        // NaN passes no comparison
        if (!(entry.lossErrors[0] <= LOSS_TOLERANCE && entry.lossErrors[1] <= LOSS_TOLERANCE)) {
            entry.problem = "its loss is not the reference's";
        }
    }

    /** Runs more and more steps; the last, least disturbed run tells how many fit a round. */
    private void warmUp(Contestant contestant, Entry entry) throws IOException {
        int steps = Math.min(epochSteps, FIRST_STEPS);
        double stepSeconds;
        double spent = 0;
        do {
            double seconds = contestant.seconds(0, steps);
            stepSeconds = seconds / steps;
            spent += seconds;
            if (seconds < WARM_UP_SECONDS / 4) {
                steps = Math.min(2 * steps, epochSteps);
            }
        } while (spent < WARM_UP_SECONDS);
        entry.steps = (int) Math.max(1, Math.min(epochSteps, longest / stepSeconds));
        say("%s, batch %d: warmed up, %.0f us a step", contestant.name(), batchSize, 1e6 * stepSeconds);
    }

    private void time(Contestant contestant, Entry entry, int epoch) throws IOException {
        double seconds = contestant.seconds(epoch, entry.steps);
        entry.epochSeconds.add(seconds * epochSteps / entry.steps);
        say("%s, batch %d: round %d, %d steps in %.3f s", contestant.name(), batchSize, epoch, entry.steps, seconds);
    }

    private Result result(Contestant contestant) {
        Entry entry = entries.get(contestant);
        return new Result(
                contestant.name(),
                contestant.isOurs(),
                entry.version,
                batchSize,
                entry.lossErrors,
                entry.steps,
                epochSteps,
                entry.epochSeconds,
                entry.problem);
    }

    private static void say(String format, Object... values) {
        System.err.printf(Locale.ROOT, format + "%n", values);
    }
}
