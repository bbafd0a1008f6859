package lenet5.picture;

import java.awt.Rectangle;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.Raster;
import lenet5.data.Normalization;

/**
 * One grey image.
 *
 * @param width pixels of one row
 * @param height rows
 * @param pixels {@code [height, width]}, 0 to 255
 */
record GreyImage(int width, int height, float[] pixels) {

    static final int WHITE = Normalization.WHITE;

    /**
     * The luma of {@code picture} over white paper, shrunk by the least whole factor after which no side is longer than
     * {@code maxSide}. Each pixel is the mean of its block, which also averages out sensor noise and dust.
     */
    static GreyImage of(BufferedImage picture, int maxSide) {
        int width = picture.getWidth();
        int height = picture.getHeight();
        int block = ceilDiv(Math.max(width, height), maxSide);
        GreyImage shrunk = blank(ceilDiv(width, block), ceilDiv(height, block));
        float[] row = new float[width];
        for (int y = 0; y < height; y++) {
            readRow(picture, y, row);
            int rows = Math.min(block, height - y / block * block);
            for (int x = 0; x < width; x++) {
                int columns = Math.min(block, width - x / block * block);
                shrunk.pixels[y / block * shrunk.width + x / block] += row[x] / (rows * columns);
            }
        }
        return shrunk;
    }

    static GreyImage blank(int width, int height) {
        return new GreyImage(width, height, new float[width * height]);
    }

    float at(int x, int y) {
        return pixels[y * width + x];
    }

    /** The part of this image inside {@code box}, scaled to {@code width x height} by averaging areas. */
    GreyImage scaled(Rectangle box, int newWidth, int newHeight) {
        GreyImage scaled = blank(newWidth, newHeight);
        double stepX = (double) box.width / newWidth;
        double stepY = (double) box.height / newHeight;
        for (int y = 0; y < newHeight; y++) {
            for (int x = 0; x < newWidth; x++) {
                scaled.pixels[y * newWidth + x] =
                        mean(box.x + x * stepX, box.x + (x + 1) * stepX, box.y + y * stepY, box.y + (y + 1) * stepY);
            }
        }
        return scaled;
    }

    /** What becomes of a pixel. */
    @FunctionalInterface
    interface PixelMap {
        float apply(int index, float pixel);
    }

    GreyImage mapped(PixelMap map) {
        GreyImage mapped = blank(width, height);
        for (int i = 0; i < pixels.length; i++) {
            mapped.pixels[i] = map.apply(i, pixels[i]);
        }
        return mapped;
    }

    GreyImage negative() {
        return mapped((i, pixel) -> WHITE - pixel);
    }

    /** Rows become columns. */
    GreyImage transposed() {
        GreyImage transposed = blank(height, width);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                transposed.pixels[x * height + y] = at(x, y);
            }
        }
        return transposed;
    }

    /** Left and right exchanged. */
    GreyImage mirrored() {
        GreyImage mirrored = blank(width, height);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                mirrored.pixels[y * width + width - 1 - x] = at(x, y);
            }
        }
        return mirrored;
    }

    /** Top and bottom exchanged. */
    GreyImage flipped() {
        return transposed().mirrored().transposed();
    }

    /** The largest pixel in the square of {@code window} (odd) pixels around each pixel. */
    GreyImage maxima(int window) {
        return rowMaxima(window / 2).transposed().rowMaxima(window / 2).transposed();
    }

    /** The largest less the smallest pixel in the square of {@code window} (odd) pixels around each pixel. */
    GreyImage ranges(int window) {
        GreyImage largest = maxima(window);
        GreyImage smallest = negative().maxima(window).negative();
        return largest.mapped((i, pixel) -> pixel - smallest.pixels()[i]);
    }

    private GreyImage rowMaxima(int reach) {
        GreyImage maxima = blank(width, height);
        int[] falling = new int[width]; // columns whose pixels fall from the largest in the window on
        for (int y = 0; y < height; y++) {
            int first = 0;
            int last = -1;
            for (int x = 0; x < width + reach; x++) {
                if (x < width) {
                    while (last >= first && at(falling[last], y) <= at(x, y)) {
                        last--;
                    }
                    falling[++last] = x;
                }
                if (falling[first] < x - 2 * reach) {
                    first++;
                }
                if (x >= reach) {
                    maxima.pixels[y * width + x - reach] = at(falling[first], y);
                }
            }
        }
        return maxima;
    }

    /**
     * Everything dark that holds no square of {@code window} (odd) pixels filled with the brightness around it: a
     * morphological closing. The edge goes on outside, so that a slope of brightness stays one up to it.
     */
    GreyImage closed(int window) {
        int margin = window / 2;
        return extended(margin)
                .maxima(window)
                .negative()
                .maxima(window)
                .negative()
                .scaled(new Rectangle(margin, margin, width, height), width, height);
    }

    private GreyImage extended(int margin) {
        GreyImage extended = blank(width + 2 * margin, height + 2 * margin);
        for (int y = 0; y < extended.height; y++) {
            for (int x = 0; x < extended.width; x++) {
                extended.pixels[y * extended.width + x] = at(clamped(x - margin, width), clamped(y - margin, height));
            }
        }
        return extended;
    }

    private static int clamped(int index, int extent) {
        return Math.max(0, Math.min(extent - 1, index));
    }

    /** The mean in the square of {@code window} (odd) pixels around each pixel. */
    GreyImage means(int window) {
        return rowMeans(window / 2).transposed().rowMeans(window / 2).transposed();
    }

    private GreyImage rowMeans(int reach) {
        GreyImage means = blank(width, height);
        for (int y = 0; y < height; y++) {
            double sum = 0;
            for (int x = 0; x < width + reach; x++) {
                sum += x < width ? at(x, y) : 0;
                sum -= x > 2 * reach ? at(x - 2 * reach - 1, y) : 0;
                if (x >= reach) {
                    int pixels = Math.min(x, width - 1) - Math.max(0, x - 2 * reach) + 1;
                    means.pixels[y * width + x - reach] = (float) (sum / pixels);
                }
            }
        }
        return means;
    }

    private float mean(double left, double right, double top, double bottom) {
        double sum = 0;
        for (int y = (int) top; y < Math.min(bottom, height); y++) {
            double tall = Math.min(y + 1, bottom) - Math.max(y, top);
            for (int x = (int) left; x < Math.min(right, width); x++) {
                double wide = Math.min(x + 1, right) - Math.max(x, left);
                sum += at(x, y) * tall * wide;
            }
        }
        return (float) (sum / ((right - left) * (bottom - top)));
    }

    private static void readRow(BufferedImage picture, int y, float[] row) {
        if (picture.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
            readGreyRow(picture.getRaster(), picture.getColorModel(), y, row);
        } else {
            readColourRow(picture, y, row);
        }
    }

    /** Reads the samples themselves: getRGB takes them for linear light and would brighten them. */
    private static void readGreyRow(Raster raster, ColorModel model, int y, float[] row) {
        int[] grey = raster.getSamples(0, y, row.length, 1, 0, (int[]) null);
        int[] alpha = model.hasAlpha() ? raster.getSamples(0, y, row.length, 1, 1, (int[]) null) : null;
        for (int x = 0; x < row.length; x++) {
            float opacity = alpha == null ? 1 : alpha[x] / maximum(model, 1);
            row[x] = overWhite(grey[x] / maximum(model, 0) * WHITE, opacity);
        }
    }

    private static float maximum(ColorModel model, int band) {
        return (1L << model.getComponentSize(band)) - 1;
    }

    /** ITU-R BT.601 luma. */
    private static void readColourRow(BufferedImage picture, int y, float[] row) {
        int[] argb = picture.getRGB(0, y, row.length, 1, null, 0, row.length);
        for (int x = 0; x < row.length; x++) {
            int red = argb[x] >> 16 & 0xff;
            int green = argb[x] >> 8 & 0xff;
            int blue = argb[x] & 0xff;
            row[x] = overWhite(0.299f * red + 0.587f * green + 0.114f * blue, (argb[x] >>> 24) / 255f);
        }
    }

    private static float overWhite(float grey, float opacity) {
        return WHITE + (grey - WHITE) * opacity;
    }

    private static int ceilDiv(int dividend, int divisor) {
        return (dividend + divisor - 1) / divisor;
    }
}
