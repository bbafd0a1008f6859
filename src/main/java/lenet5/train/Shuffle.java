package lenet5.train;

import java.util.SplittableRandom;

/** The order of an epoch: a function of seed and epoch alone, so that every engine and every resumed run agree. */
public final class Shuffle {

    private Shuffle() {}

    /** A permutation of {@code 0 .. count - 1} (Fisher and Yates), fresh for each epoch. */
    public static int[] order(int count, long seed, int epoch) {
        // Streams of neighbouring seeds would be shifted copies of one another if the epoch were simply added.
        SplittableRandom random = new SplittableRandom(new SplittableRandom(seed).nextLong() ^ epoch);
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
