package lenet5.data.synthetic;

import java.util.Arrays;
import java.util.List;
import lenet5.data.Mnist;
import lenet5.data.synthetic.Handwriting.Path;

/**
 * Draws paths the way MNIST was made: scaled to fit a square of {@link #BOX} pixels with their proportions kept, then
 * shifted by whole pixels until the centre of mass is nearest the centre of the {@link #SIZE}-pixel image.
 *
 * @param width the line's width in pixels
 * @param blur the width in pixels over which its edge fades
 */
record Pen(double width, double blur) {

    /** Height and width of an image. */
    static final int SIZE = Mnist.SIZE;

    /** Height and width of the square that holds the digit. */
    static final int BOX = 20;

    /** Draws {@code paths} into the image of {@code pixels} that starts at {@code offset}. */
    void draw(List<Path> paths, byte[] pixels, int offset) {
        byte[] box = drawInBox(paths);
        double mass = 0;
        double momentX = 0;
        double momentY = 0;
        for (int i = 0; i < box.length; i++) {
            int ink = Byte.toUnsignedInt(box[i]);
            mass += ink;
            momentX += ink * (i % BOX + 0.5);
            momentY += ink * (i / BOX + 0.5);
        }
        int corner = offset + margin(momentY / mass) * SIZE + margin(momentX / mass);
        for (int row = 0; row < BOX; row++) {
            System.arraycopy(box, row * BOX, pixels, corner + row * SIZE, BOX);
        }
    }

    private static int margin(double centre) {
        return Math.min(SIZE - BOX, Math.max(0, (int) Math.rint(SIZE / 2.0 + 0.5 - centre)));
    }

    private byte[] drawInBox(List<Path> paths) {
        Range horizontal = Range.of(paths.stream().map(Path::x).toList());
        Range vertical = Range.of(paths.stream().map(Path::y).toList());
        double scale = (BOX - 2 * reach()) / Math.max(horizontal.extent(), vertical.extent());
        byte[] box = new byte[BOX * BOX];
        for (Path path : paths) {
            double[] x = horizontal.centre(path.x(), scale);
            double[] y = vertical.centre(path.y(), scale);
            for (int i = 1; i < x.length; i++) {
                line(x[i - 1], y[i - 1], x[i], y[i], box);
            }
        }
        return box;
    }

    /** How far from the line's middle there is ink. */
    private double reach() {
        return (width + blur) / 2;
    }

    private void line(double x0, double y0, double x1, double y1, byte[] box) {
        double dx = x1 - x0;
        double dy = y1 - y0;
        double square = Math.max(dx * dx + dy * dy, Double.MIN_NORMAL);
        double reach = reach();
        int left = pixel(Math.min(x0, x1) - reach);
        int right = pixel(Math.max(x0, x1) + reach);
        int bottom = pixel(Math.max(y0, y1) + reach);
        for (int row = pixel(Math.min(y0, y1) - reach); row <= bottom; row++) {
            for (int column = left; column <= right; column++) {
                double px = column + 0.5 - x0;
                double py = row + 0.5 - y0;
                double along = Math.min(1, Math.max(0, (px * dx + py * dy) / square));
                double offX = px - along * dx;
                double offY = py - along * dy;
                double distance = Math.sqrt(offX * offX + offY * offY);
                int ink = (int) (255 * Math.min(1, (reach - distance) / blur) + 0.5);
                if (ink > Byte.toUnsignedInt(box[row * BOX + column])) {
                    box[row * BOX + column] = (byte) ink;
                }
            }
        }
    }

    /** The pixel that holds {@code coordinate}; rounding may put the digit's last edge just outside the box. */
    private static int pixel(double coordinate) {
        return Math.min(BOX - 1, Math.max(0, (int) coordinate));
    }

    /** The least and the greatest coordinate along one axis. */
    private record Range(double low, double high) {

        static Range of(List<double[]> paths) {
            double low = paths.stream().flatMapToDouble(Arrays::stream).min().orElseThrow();
            double high = paths.stream().flatMapToDouble(Arrays::stream).max().orElseThrow();
            return new Range(low, high);
        }

        double extent() {
            return high - low;
        }

        /** The scaled coordinates, this range in the middle of the box. */
        double[] centre(double[] path, double scale) {
            return Arrays.stream(path)
                    .map(v -> BOX / 2.0 + scale * (v - (low + high) / 2))
                    .toArray();
        }
    }
}
