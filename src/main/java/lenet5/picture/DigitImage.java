package lenet5.picture;

import java.awt.Rectangle;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import lenet5.data.DataException;
import lenet5.data.Mnist;

/**
 * A user's picture of one digit, made into what MNIST's digits are: light ink on black, scaled with its aspect kept into
 * a square of 20 pixels by averaging areas, and placed in 28x28 with its centre of mass in the middle (LeCun, Bottou,
 * Bengio and Haffner, 1998, section III.A). What is ink, {@link Ink} tells.
 *
 * <p>The background must show on more than half of the picture's border.
 */
public final class DigitImage {

    /** Height and width of an MNIST image. */
    public static final int SIZE = Mnist.SIZE;

    private static final int INK_SIZE = 20;

    /** Where MNIST's centres of mass lie on both axes, as a pixel index: in [13.5, 14.5). */
    private static final double CENTRE = 14;

    /** Longest side of the picture looked at. A digit a tenth of it still has more than twice the pixels needed. */
    private static final int WORKING_SIDE = 512;

    private DigitImage() {}

    /**
     * Reads a picture (PNG, JPEG, GIF, BMP, PGM, PBM or PPM, at most 64 megapixels) with a digit dark on light or light
     * on dark. Transparency counts as white paper; EXIF orientation is applied.
     *
     * @return {@code [28, 28]}, unsigned, 0 is background and 255 is full ink; empty if there is no digit to see
     * @throws DataException if the file is not such a picture
     */
    public static Optional<byte[]> read(Path file) {
        return of(PictureFile.read(file, WORKING_SIDE));
    }

    /** As the other {@code read}, from a stream that its user calls {@code name}. */
    public static Optional<byte[]> read(String name, InputStream stream) {
        return of(PictureFile.read(name, stream, WORKING_SIDE));
    }

    private static Optional<byte[]> of(GreyImage picture) {
        GreyImage ink = Ink.of(picture);
        Rectangle box = inkBox(ink);
        return box.isEmpty() ? Optional.empty() : Optional.of(centred(fitted(ink, box)));
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
