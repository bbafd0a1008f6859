package lenet5.opencl.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.fused.Candidate;
import lenet5.opencl.fused.TestEngines;
import lenet5.opencl.fused.Variant;
import lenet5.opencl.fused.plan.Knob;
import lenet5.opencl.fused.plan.LayerKnobs;
import lenet5.opencl.tune.Tuner.Attempt;
import lenet5.opencl.tune.TuningSearch.Result;
import lenet5.opencl.tune.TuningSearch.Trial;
import org.junit.jupiter.api.Test;

/** The search on a clock and on engines that are made up. */
class TuningSearchTest {

    private static final Device.Facts DEVICE = TestEngines.facts(Device.Type.GPU, 48 << 10, 1024, 1);
    private static final Network NETWORK = Models.lenet5();
    private static final int BATCH = 32;
    private static final Candidate SHIPPED = Candidate.shipped(Variant.images, DEVICE, BATCH);
    private static final Candidate OTHER = Candidate.shipped(Variant.shares, DEVICE, BATCH);
    private static final long SECOND = 1_000_000_000;
    /** What opening takes. */
    private static final long BUILD = 7 * SECOND;

    private final List<Attempt> attempts = new ArrayList<>();
    private final List<Candidate> timed = new ArrayList<>();
    private long now;

    /** Engines that take {@code stepTime} a step; NaN for wrong results. */
    private final class Engines implements TuningSearch.Space {

        private final ToDoubleFunction<Candidate> stepTime;
        private int open;

        Engines(ToDoubleFunction<Candidate> stepTime) {
            this.stepTime = stepTime;
        }

        @Override
        public Optional<Candidate> with(Candidate candidate, Knob knob, int value) {
            return candidate.with(knob, value, DEVICE, BATCH);
        }

        @Override
        public String kernels(Candidate candidate) {
            return candidate.kernels(DEVICE, NETWORK, BATCH);
        }

        @Override
        public Trial open(Candidate candidate) {
            now += BUILD;
            if (Double.isNaN(stepTime.applyAsDouble(candidate))) {
                throw new IllegalStateException("it computes wrong results");
            }
            open++;
            return new Trial() {
                @Override
                public double run() {
                    timed.add(candidate);
                    now += SECOND / 10;
                    return stepTime.applyAsDouble(candidate);
                }

                @Override
                public void close() {
                    open--;
                }
            };
        }
    }

    private Result search(double minutes, ToDoubleFunction<Candidate> stepTime) {
        return search(minutes, stepTime, List.of(OTHER));
    }

    private Result search(double minutes, ToDoubleFunction<Candidate> stepTime, List<Candidate> others) {
        attempts.clear();
        timed.clear();
        Engines engines = new Engines(stepTime);
        Result result = new TuningSearch(engines, () -> now, (long) (minutes * 60 * SECOND), attempts::add)
                .run(SHIPPED, others);
        assertEquals(0, engines.open, "every engine is closed");
        assertEquals(result.tried(), attempts.size());
        return result;
    }

    private static int distance(Candidate candidate, Knob knob, int wanted) {
        return Math.abs(candidate.knobs().get(knob) - wanted);
    }

    @Test
    void theFastestParametersAreFoundOneAtATime() {
        Result result = search(
                60,
                candidate -> 100
                        + distance(candidate, LayerKnobs.GROUP, 64)
                        + distance(candidate, LayerKnobs.PARTS, 32)
                        + (candidate.variant() == Variant.shares ? 500 : 0));
        assertEquals(64, result.best().knobs().get(LayerKnobs.GROUP));
        assertEquals(32, result.best().knobs().get(LayerKnobs.PARTS));
        assertEquals(Variant.images, result.best().variant());
        assertEquals(100 + 192 + 24, result.shippedSeconds());
        assertEquals(100, result.seconds());
        assertEquals(0, result.refused());
        assertTrue(result.complete());
    }

    @Test
    void anotherVariantMayBeTheBest() {
        assertEquals(
                OTHER,
                search(60, candidate -> candidate.variant() == Variant.shares ? 1 : 2)
                        .best());
    }

    @Test
    void wrongResultsAreNeverTimedHoweverFast() {
        Result result = search(
                60,
                candidate -> candidate.variant() == Variant.shares || distance(candidate, LayerKnobs.GROUP, 256) > 0
                        ? Double.NaN
                        : 10);
        assertEquals(SHIPPED, result.best());
        assertEquals(3, result.refused(), "shares, a larger group and a smaller one");
        assertTrue(timed.stream().allMatch(candidate -> candidate.knobs().get(LayerKnobs.GROUP) == 256));
        List<Attempt> refusals = attempts.stream()
                .filter(attempt -> attempt.refusal().isPresent())
                .toList();
        assertEquals(3, refusals.size());
        assertEquals(Optional.of("it computes wrong results"), refusals.get(0).refusal());
        assertTrue(refusals.get(0).seconds().isEmpty());
    }

    @Test
    void shippedParametersThatFailEndTheSearch() {
        assertThrows(IllegalStateException.class, () -> search(60, candidate -> Double.NaN));
    }

    @Test
    void theSearchEndsWhenAnotherCandidateWouldTakeTooLong() {
        Result result = search(1, candidate -> distance(candidate, LayerKnobs.GROUP, 1024) + 1);
        assertFalse(result.complete());
        assertTrue(now <= 60 * SECOND + 2 * BUILD, () -> now / SECOND + " s");
        assertTrue(result.best().knobs().get(LayerKnobs.GROUP) > 256, "what was found until then counts");
    }

    @Test
    void whatIsFasterByLessThanItsOwnSpreadDoesNotWin() {
        Result result = search(60, candidate -> (candidate.equals(SHIPPED) ? 100 : 99) + timed.size() % 5);
        assertEquals(SHIPPED, result.best());
        assertEquals(result.shippedSeconds(), result.seconds());
    }

    @Test
    void aMachineThatSlowsDownDecidesNothing() {
        // from the first to the last run of a duel it slows down by more than the candidates differ
        assertEquals(SHIPPED, search(600, candidate -> 1000 + 20 * timed.size()).best());
        Result result = search(600, candidate -> 1000 + 20 * timed.size() + distance(candidate, LayerKnobs.GROUP, 512));
        assertEquals(512, result.best().knobs().get(LayerKnobs.GROUP));
    }

    @Test
    void theSameKernelsAreTriedOnce() {
        // eight divides no extent of the network's maps that seven does not
        Candidate same = SHIPPED.with(LayerKnobs.MAX_PIXELS, 8, DEVICE, BATCH).orElseThrow();
        Result result = search(600, candidate -> 10, List.of(same, OTHER, OTHER));
        assertTrue(result.complete());
        List<String> candidates = attempts.stream().map(Attempt::candidate).toList();
        assertFalse(candidates.contains(same.toString()));
        assertEquals(candidates.size(), Set.copyOf(candidates).size());
    }
}
