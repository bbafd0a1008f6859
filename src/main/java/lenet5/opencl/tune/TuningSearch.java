package lenet5.opencl.tune;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import lenet5.opencl.OpenCl;
import lenet5.opencl.fused.Candidate;
import lenet5.opencl.fused.plan.Knob;
import lenet5.opencl.tune.Tuner.Attempt;

/**
 * Looks for the fastest candidate: the variants as they are shipped, then the best one's knobs, one at a time, each as far
 * up or down as it helps, until no change does. The order is fixed. Kernels that are the same are not timed twice.
 */
final class TuningSearch {

    /** A candidate ready to be timed. */
    interface Trial extends Duel.Runner, AutoCloseable {
        @Override
        void close();
    }

    /** What is searched. */
    interface Space {
        /** {@code candidate} with another value, and with all others lowered that this forces to; empty if it is not allowed. */
        Optional<Candidate> with(Candidate candidate, Knob knob, int value);

        /** Identifies what is compiled for {@code candidate}. */
        String kernels(Candidate candidate);

        /** Makes {@code candidate} ready; throws whatever is wrong with it: it cannot be built, or computes wrong results. */
        Trial open(Candidate candidate);
    }

    /**
     * What was found.
     *
     * @param best the fastest, which is the shipped one if nothing beats it
     * @param shippedSeconds a step with the shipped one
     * @param seconds a step with the best one
     * @param tried candidates that were opened
     * @param refused those of them that failed or computed wrong results
     * @param complete whether there was time for all
     */
    record Result(Candidate best, double shippedSeconds, double seconds, int tried, int refused, boolean complete) {}

    private final Space space;
    private final LongSupplier nanoTime;
    private final long end;
    private final Consumer<Attempt> onAttempt;
    private final Set<String> seen = new HashSet<>();

    private Candidate best;
    private Trial bestTrial;
    /** A step with the best. */
    private double seconds;

    private long longestAttempt;
    private int tried;
    private int refused;
    private boolean complete = true;

    /** A search that takes about {@code budgetNanos}. */
    TuningSearch(Space space, LongSupplier nanoTime, long budgetNanos, Consumer<Attempt> onAttempt) {
        this.space = space;
        this.nanoTime = nanoTime;
        this.end = nanoTime.getAsLong() + budgetNanos;
        this.onAttempt = onAttempt;
    }

    /** Searches from {@code shipped} and {@code others}; throws what is wrong if {@code shipped} does not work. */
    Result run(Candidate shipped, List<Candidate> others) {
        tried++;
        seen.add(space.kernels(shipped));
        best = shipped;
        bestTrial = space.open(shipped);
        try {
            seconds = bestTrial.run();
            onAttempt.accept(Attempt.timed(shipped, seconds, seconds, true));
            others.forEach(this::attempt);
            climb();
            return compare(shipped);
        } finally {
            bestTrial.close();
        }
    }

    private void climb() {
        boolean improved = true;
        while (improved && complete) {
            improved = false;
            for (Knob knob : best.knobs().values().keySet()) {
                improved |= climb(knob, knob.choices());
                List<Integer> descending = new ArrayList<>(knob.choices());
                Collections.reverse(descending);
                improved |= climb(knob, descending);
            }
        }
    }

    /** Moves {@code knob} through {@code choices}, from its present value on, as long as each step helps. */
    private boolean climb(Knob knob, List<Integer> choices) {
        boolean improved = false;
        Optional<Candidate> next = next(knob, choices);
        while (next.isPresent() && attempt(next.get())) {
            improved = true;
            next = next(knob, choices);
        }
        return improved;
    }

    /** The next choice behind the present value that is allowed and makes other kernels. */
    private Optional<Candidate> next(Knob knob, List<Integer> choices) {
        int present = best.knobs().get(knob);
        boolean ascending = choices.get(0) < choices.get(choices.size() - 1);
        return choices.stream()
                .filter(choice -> ascending ? choice > present : choice < present)
                .flatMap(choice -> space.with(best, knob, choice).stream())
                .filter(candidate -> !space.kernels(candidate).equals(space.kernels(best)))
                .findFirst();
    }

    /** Whether {@code candidate} is the best from now on. */
    private boolean attempt(Candidate candidate) {
        if (!seen.add(space.kernels(candidate))) {
            return false;
        }
        long start = nanoTime.getAsLong();
        if (start + longestAttempt > end) {
            complete = false;
            return false;
        }
        tried++;
        boolean won = false;
        try {
            won = beatsBest(candidate);
        } catch (RuntimeException e) { // whatever a driver fails with, the others are tried
            refused++;
            onAttempt.accept(Attempt.refused(candidate, OpenCl.firstLine(e)));
        }
        longestAttempt = Math.max(longestAttempt, nanoTime.getAsLong() - start);
        return won;
    }

    private boolean beatsBest(Candidate candidate) {
        Trial trial = space.open(candidate);
        Trial loser = trial;
        try {
            Duel duel = Duel.of(trial, bestTrial);
            seconds = duel.won() ? duel.challenger() : duel.champion();
            if (duel.won()) {
                loser = bestTrial;
                best = candidate;
                bestTrial = trial;
            }
            onAttempt.accept(Attempt.timed(candidate, duel.challenger(), duel.champion(), duel.won()));
            return duel.won();
        } finally {
            loser.close();
        }
    }

    /** Once more against what is shipped, as small steps that each were an accident might add up to nothing. */
    private Result compare(Candidate shipped) {
        double shippedSeconds = seconds;
        if (!best.equals(shipped)) {
            try (Trial trial = space.open(shipped)) {
                Duel duel = Duel.of(bestTrial, trial);
                shippedSeconds = duel.champion();
                seconds = duel.won() ? duel.challenger() : duel.champion();
                best = duel.won() ? best : shipped;
            }
        }
        return new Result(best, shippedSeconds, seconds, tried, refused, complete);
    }
}
