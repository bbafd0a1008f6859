package lenet5.data;

import java.awt.Rectangle;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A user's picture of one digit, made into what MNIST's digits are: light ink on black, scaled with its aspect kept into
 * a square of 20 pixels by averaging areas, and placed in 28x28 with its centre of mass in the middle (LeCun, Bottou,
 * Bengio and Haffner, 1998, section III.A).
 *
 * <p>The background must show on more than half of the picture's border. EXIF rotation is not applied.
 */
public final class DigitImage {

    /** Height and width of an MNIST image. */
    public static final int SIZE = 28;

    private static final int INK_SIZE = 20;

    /** Where MNIST's centres of mass lie on both axes, as a pixel index: in [13.5, 14.5). */
    private static final double CENTRE = 14;

    /** Longest side of the picture looked at. A digit a tenth of it still has more than twice the pixels needed. */
    private static final int WORKING_SIDE = 512;

    /** The least difference between ink and background, of 255. */
    private static final int MIN_CONTRAST = 32;

    /** Standard deviations of noise that ink must rise above: in a working picture of pure noise hardly a pixel does. */
    private static final double NOISE_DEVIATIONS = 6;

    /** The standard deviation of normal noise over its median absolute deviation. */
    private static final double DEVIATION_PER_MEDIAN = 1.4826;

    private DigitImage() {}

    /**
     * Reads a picture (PNG, JPEG, GIF, BMP, PGM, PBM or PPM, at most 64 megapixels) with a digit dark on light or light
     * on dark. Transparency counts as white paper.
     *
     * @return {@code [28, 28]}, unsigned, 0 is background and 255 is full ink
     * @throws DataException if the file is not such a picture or shows no digit
     */
    public static byte[] read(Path file) {
        GreyImage ink = ink(GreyImage.of(PictureFile.read(file), WORKING_SIDE));
        Rectangle box = inkBox(ink);
        if (box.isEmpty()) {
            throw new DataException(
                    file + ": no digit to see: found an even picture, expected ink that differs from its"
                            + " background by at least " + MIN_CONTRAST + " of " + GreyImage.WHITE + " grey levels");
        }
        return centred(fitted(ink, box));
    }

    /**
     * What stands out from the background, which becomes 0; all zero where nothing does. The background is the border's
     * median; ink is on the side that the pixels are skewed to about it (their third moment), so that a little strong
     * ink outweighs much uneven light.
     */
    static GreyImage ink(GreyImage picture) {
        float[] border = border(picture);
        float background = median(border.clone());
        float[] ink = new float[picture.pixels().length];
        double skew = 0;
        for (int i = 0; i < ink.length; i++) {
            ink[i] = picture.pixels()[i] - background;
            skew += ink[i] * ink[i] * ink[i];
        }
        float sign = skew > 0 ? 1 : -1;
        float peak = 0;
        for (int i = 0; i < ink.length; i++) {
            ink[i] *= sign;
            peak = Math.max(peak, ink[i]);
        }
        float floor = peak < Math.max(MIN_CONTRAST, noise(border)) ? peak : floor(border, background, peak);
        for (int i = 0; i < ink.length; i++) {
            ink[i] = ink[i] > floor ? ink[i] : 0;
        }
        return new GreyImage(picture.width(), picture.height(), ink);
    }

    /**
     * The ink to ignore: the background's own spread, noise and shading together, but no more than half the strongest
     * ink, and at least an eighth of it, where JPEG's ringing ends.
     */
    private static float floor(float[] border, float background, float peak) {
        float[] deviations = new float[border.length];
        for (int i = 0; i < border.length; i++) {
            deviations[i] = Math.abs(border[i] - background);
        }
        double spread = NOISE_DEVIATIONS * DEVIATION_PER_MEDIAN * median(deviations);
        return (float) Math.max(peak / 8, Math.min(spread, peak / 2));
    }

    /** The strongest "ink" that noise alone makes, from the differences of neighbours, which shading leaves alone. */
    private static double noise(float[] border) {
        float[] differences = new float[border.length - 1];
        for (int i = 0; i < differences.length; i++) {
            differences[i] = Math.abs(border[i + 1] - border[i]);
        }
        return NOISE_DEVIATIONS * DEVIATION_PER_MEDIAN / Math.sqrt(2) * median(differences);
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
    private static float median(float[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    /** The least rectangle around all that is not 0; empty if everything is. */
    static Rectangle inkBox(GreyImage ink) {
        Rectangle box = new Rectangle();
        for (int y = 0; y < ink.height(); y++) {
            for (int x = 0; x < ink.width(); x++) {
                if (ink.at(x, y) > 0) {
                    Rectangle pixel = new Rectangle(x, y, 1, 1);
                    box = box.isEmpty() ? pixel : box.union(pixel);
                }
            }
        }
        return box;
    }

    /** The ink inside {@code box}, its longer side 20 pixels, its strongest pixel 255. */
    static GreyImage fitted(GreyImage ink, Rectangle box) {
        double scale = (double) INK_SIZE / Math.max(box.width, box.height);
        int width = (int) Math.max(1, Math.round(box.width * scale));
        int height = (int) Math.max(1, Math.round(box.height * scale));
        GreyImage fitted = ink.scaled(box, width, height);
        float peak = 0;
        for (float pixel : fitted.pixels()) {
            peak = Math.max(peak, pixel);
        }
        for (int i = 0; i < fitted.pixels().length; i++) {
            fitted.pixels()[i] *= GreyImage.WHITE / peak;
        }
        return fitted;
    }

    /** {@code digit} in 28x28, its centre of mass in the middle as nearly as whole pixels and the edge allow. */
    static byte[] centred(GreyImage digit) {
        double mass = 0;
        double momentX = 0;
        double momentY = 0;
        for (int y = 0; y < digit.height(); y++) {
            for (int x = 0; x < digit.width(); x++) {
                mass += digit.at(x, y);
                momentX += digit.at(x, y) * x;
                momentY += digit.at(x, y) * y;
            }
        }
        int left = offset(momentX / mass, digit.width());
        int top = offset(momentY / mass, digit.height());
        byte[] image = new byte[SIZE * SIZE];
        for (int y = 0; y < digit.height(); y++) {
            for (int x = 0; x < digit.width(); x++) {
                image[(top + y) * SIZE + left + x] = (byte) Math.round(digit.at(x, y));
            }
        }
        return image;
    }

    private static int offset(double centreOfMass, int extent) {
        return (int) Math.max(0, Math.min(-Math.round(centreOfMass - CENTRE), SIZE - extent));
    }
}
