package lenet5.picture;

import java.awt.Rectangle;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Tells the ink of a digit from the paper around it. The paper's brightness is followed from place to place, so that
 * shade is not ink; of what is darker, the largest part that does not run out of the picture is kept with the parts beside
 * it, so that dust, ruled lines and the table's edge are not ink either.
 */
final class Ink {

    /** Side of the square that no stroke may fill, of the picture's longer side: what fills it is paper. */
    private static final double PAPER_WINDOW = 0.4;

    /** Paper is taken for at least this bright, so that the noise of a black picture is not stretched to ink. */
    private static final float DARKEST_PAPER = 32;

    /** The least ink: a quarter darker than its paper. A blank page's printed lines are lighter. */
    private static final float MIN_INK = GreyImage.WHITE / 4f;

    /** Standard deviations of noise that ink must rise above: in a working picture of pure noise hardly a pixel does. */
    private static final double NOISE_DEVIATIONS = 6;

    /** The standard deviation of normal noise over the distance of its quartiles from its median. */
    private static final double DEVIATION_PER_QUARTILE = 1.4826;

    /** What the faintest place of a stroke has of the strongest ink near it. Lines printed on paper have less. */
    private static final float FAINTEST = 0.35f;

    /** What JPEG's ringing has of the strongest ink. */
    private static final float RINGING = 0.125f;

    /** The picture's shorter side over the extent of the smallest digit. */
    private static final double SMALLEST = 32;

    /** How many times as large it must be to be told from something larger at the border. */
    private static final double INSIDE = 4;

    /** How far from the digit's largest part another may lie, of its extent. */
    private static final double COMPANION_DISTANCE = 0.15;

    /** How much of its ink the other needs. */
    private static final double COMPANION_INK = 0.05;

    /** What a stroke's sharpest edge has of its ink. */
    private static final float SHARP = 0.4f;

    /** Half of a stroke's soft edge, of the picture's longer side. */
    private static final double EDGE = 1 / 256.0;

    private Ink() {}

    /** The digit's ink in {@code picture}, 0 to 255, and 0 all around it; 0 everywhere if there is no digit to see. */
    static GreyImage of(GreyImage picture) {
        int window = 1 + 2 * (int) (PAPER_WINDOW / 2 * Math.max(picture.width(), picture.height()));
        GreyImage ink = darkness(isLightOnDark(picture, window) ? picture.negative() : picture, window);
        float[] border = border(ink);
        float paper = quantile(border, 0.5); // not 0: a closing takes noise for dark specks on the lightest grain near
        float least =
                (float) Math.max(MIN_INK, NOISE_DEVIATIONS * DEVIATION_PER_QUARTILE * (paper - quantile(border, 0.25)));
        GreyImage above = ink.mapped((i, pixel) -> Math.max(0, pixel - paper));
        GreyImage strongest = above.maxima(window);
        GreyImage relative = above.mapped(
                (i, pixel) -> pixel / Math.max(least / FAINTEST, strongest.pixels()[i]));
        double smallest = shorterSide(picture) / SMALLEST;
        GreyImage steps = relative.ranges(edge(picture));
        List<Component> strokes = Component.of(relative, FAINTEST).stream()
                .filter(part -> part.extent() >= smallest && isSharp(part, steps))
                .toList();
        return strokes.isEmpty()
                ? GreyImage.blank(picture.width(), picture.height())
                : inked(above, digit(strokes, smallest), window);
    }

    /** What is missing from the paper's brightness, of 255. Paper is what a closing leaves: it fills every stroke. */
    private static GreyImage darkness(GreyImage page, int window) {
        GreyImage paper = page.closed(window);
        return page.mapped((i, pixel) ->
                GreyImage.WHITE * (paper.pixels()[i] - pixel) / Math.max(DARKEST_PAPER, paper.pixels()[i]));
    }

    /**
     * A little strong ink outweighs much uneven light, if its skewness is asked for. About the border it tells best where
     * the page is even and the digit fills it, about the surroundings where the light is uneven; the clearer one decides.
     */
    private static boolean isLightOnDark(GreyImage picture, int window) {
        float paper = quantile(border(picture), 0.5);
        GreyImage surroundings = picture.means(window);
        return skewness(picture.mapped((i, pixel) -> pixel - paper))
                        + skewness(picture.mapped(
                                (i, pixel) -> pixel - surroundings.pixels()[i]))
                > 0;
    }

    /** The third moment about 0, of unit variance; 0 if every pixel is. */
    private static double skewness(GreyImage differences) {
        double squares = 0;
        double cubes = 0;
        for (double difference : differences.pixels()) {
            squares += difference * difference;
            cubes += difference * difference * difference;
        }
        return squares == 0 ? 0 : cubes * Math.sqrt(differences.pixels().length) / Math.pow(squares, 1.5);
    }

    /** Shade and light have no edge anywhere. */
    private static boolean isSharp(Component part, GreyImage steps) {
        return Arrays.stream(part.pixels()).anyMatch(pixel -> steps.pixels()[pixel] > SHARP * part.peak());
    }

    /**
     * The part with the most ink, where what reaches the border counts only if there is nothing else, and those beside it
     * that are too much to be dust: a bar, a stroke after the pen was lifted.
     */
    private static List<Component> digit(List<Component> parts, double smallest) {
        Comparator<Component> inside =
                Comparator.comparing(part -> !part.atBorder() && part.extent() >= INSIDE * smallest);
        Component main =
                parts.stream().max(inside.thenComparing(Component::mass)).orElseThrow();
        int reach = (int) Math.ceil(COMPANION_DISTANCE * main.extent());
        Rectangle near = new Rectangle(main.box());
        near.grow(reach, reach);
        return parts.stream()
                .filter(part -> part.box().intersects(near)
                        && part.mass() >= COMPANION_INK * main.mass()
                        && (main.atBorder() || !part.atBorder()))
                .toList();
    }

    /** {@code ink} in {@code parts} and on their soft edges, as strong everywhere as where the light is best. */
    private static GreyImage inked(GreyImage ink, List<Component> parts, int window) {
        GreyImage cores = GreyImage.blank(ink.width(), ink.height());
        parts.forEach(part -> Arrays.stream(part.pixels()).forEach(pixel -> cores.pixels()[pixel] = 1));
        GreyImage mask = cores.maxima(edge(ink));
        GreyImage kept = ink.mapped((i, pixel) -> mask.pixels()[i] * pixel);
        GreyImage strongest = kept.maxima(window);
        return kept.mapped((i, pixel) -> pixel > RINGING * strongest.pixels()[i]
                ? GreyImage.WHITE * pixel / strongest.pixels()[i]
                : 0);
    }

    /** The pixels across a soft edge. */
    private static int edge(GreyImage image) {
        return 1 + 2 * (int) Math.ceil(EDGE * Math.max(image.width(), image.height()));
    }

    private static int shorterSide(GreyImage image) {
        return Math.min(image.width(), image.height());
    }

    /** The outermost pixels: top row, bottom row, left column, right column. */
    private static float[] border(GreyImage picture) {
        int width = picture.width();
        int height = picture.height();
        float[] border = new float[2 * (width + height)];
        for (int x = 0; x < width; x++) {
            border[x] = picture.at(x, 0);
            border[width + x] = picture.at(x, height - 1);
        }
        for (int y = 0; y < height; y++) {
            border[2 * width + y] = picture.at(0, y);
            border[2 * width + height + y] = picture.at(width - 1, y);
        }
        return border;
    }

    /** Sorts {@code values}. */
    private static float quantile(float[] values, double part) {
        Arrays.sort(values);
        return values[(int) (part * values.length)];
    }
}
