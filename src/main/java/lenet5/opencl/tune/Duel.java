package lenet5.opencl.tune;

import java.util.Arrays;

/**
 * Which of two is faster, run in turn, each as often before as behind the other, so that a machine that slows down or speeds
 * up meanwhile does so for both.
 *
 * @param challenger median of its runs
 * @param champion median of its runs
 * @param won whether the challenger gains more in the median pair of runs than the pairs differ
 */
record Duel(double challenger, double champion, boolean won) {

    private static final int RUNS = 7;
    /** Pairs at either end that may be accidents. */
    private static final int STRAY = 1;
    /** How much slower a first run may be to be worth more of them. */
    private static final double HOPELESS = 2;

    /** Something to be timed. */
    interface Runner {
        /** Runs once; in seconds a step. */
        double run();
    }

    static Duel of(Runner challenger, Runner champion) {
        double first = challenger.run();
        double pace = champion.run();
        if (first > HOPELESS * pace) {
            return new Duel(first, pace, false);
        }
        double[] challengers = new double[RUNS];
        double[] champions = new double[RUNS];
        double[] gains = new double[RUNS];
        for (int i = 0; i < RUNS; i++) {
            boolean challengerFirst = i % 2 == 0;
            challengers[i] = challengerFirst ? challenger.run() : 0;
            champions[i] = champion.run();
            challengers[i] = challengerFirst ? challengers[i] : challenger.run();
            gains[i] = champions[i] - challengers[i];
        }
        Arrays.sort(challengers);
        Arrays.sort(champions);
        Arrays.sort(gains);
        double spread = gains[RUNS - 1 - STRAY] - gains[STRAY];
        return new Duel(challengers[RUNS / 2], champions[RUNS / 2], gains[RUNS / 2] > spread);
    }
}
