package lenet5.data.synthetic;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import lenet5.data.LabeledImages;
import lenet5.data.Splits;

/**
 * Digits drawn by this program, for machines without MNIST: as many, as large, centred and anti-aliased like them. Image
 * {@code i} depends only on the seed and {@code i}; the same on every machine.
 */
public final class SyntheticDigits {

    /** The seed of {@link #splits()}, one for everybody, so that results can be compared. */
    static final long SEED = 1998;

    private static final int CLASSES = 10;

    private SyntheticDigits() {}

    /** 55,000 training, 5,000 validation and 10,000 test images of 28x28 pixels. */
    public static Splits splits() {
        return splits(SEED, 55_000, 5_000, 10_000);
    }

    /** Disjoint splits of the given sizes, in which the classes' counts differ by two at most. */
    public static Splits splits(long seed, int train, int validation, int test) {
        return new Splits(
                "synthetic",
                images(seed, 0, train),
                images(seed, train, validation),
                images(seed, train + validation, test));
    }

    private static LabeledImages images(long seed, int first, int count) {
        long base = new SplittableRandom(seed).nextLong();
        byte[] pixels = new byte[count * Pen.SIZE * Pen.SIZE];
        byte[] labels = new byte[count];
        IntStream.range(0, count).parallel().forEach(i -> {
            labels[i] = (byte) label(base, first + i);
            draw(labels[i], new SplittableRandom(base + first + i), pixels, i * Pen.SIZE * Pen.SIZE);
        });
        return new LabeledImages(Pen.SIZE, Pen.SIZE, pixels, labels);
    }

    /** Every ten consecutive images are the ten digits in an order of their own. */
    private static int label(long base, int index) {
        SplittableRandom random = new SplittableRandom(~base + index / CLASSES);
        int[] digits = IntStream.range(0, CLASSES).toArray();
        for (int i = CLASSES - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = digits[i];
            digits[i] = digits[j];
            digits[j] = swapped;
        }
        return digits[index % CLASSES];
    }

    private static void draw(int digit, SplittableRandom random, byte[] pixels, int offset) {
        List<Glyph> forms = Glyphs.of(digit);
        Glyph glyph = forms.get(random.nextInt(forms.size()));
        Pen pen = pen(random);
        pen.draw(new Handwriting(random).write(glyph), pixels, offset);
    }

    /** A line 1.4 to 5 pixels wide, more often thin than thick, about as MNIST's are. */
    private static Pen pen(SplittableRandom random) {
        double width = 1.4 + random.nextDouble() + 2.6 * random.nextDouble() * random.nextDouble();
        double blur = 0.6 + 0.8 * random.nextDouble();
        return new Pen(width, blur);
    }
}
