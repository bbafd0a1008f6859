package lenet5.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import lenet5.data.LabeledImages;
import lenet5.nn.Shape;

/** Numbers as pixels. */
final class Drawing {

    /** Strong enough on white and on black; weak values let the page shine through. */
    private static final int POSITIVE = 0xe8730c;

    private static final int NEGATIVE = 0x2f7de1;

    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    private static final int LINE_HEIGHT = 16;

    private Drawing() {}

    /** Image {@code index}, ink in white on black. */
    static BufferedImage digit(LabeledImages images, int index) {
        int size = images.width() * images.height();
        BufferedImage image = new BufferedImage(images.width(), images.height(), BufferedImage.TYPE_BYTE_GRAY);
        byte[] pixels = Arrays.copyOfRange(images.pixels(), index * size, (index + 1) * size);
        image.getRaster().setDataElements(0, 0, images.width(), images.height(), pixels);
        return image;
    }

    /**
     * Signed values: positive ones orange, negative ones blue, zero transparent.
     *
     * @param offset the first of {@code width * height} values in memory order
     * @param limit the magnitude that is drawn in full strength; greater ones are drawn like it
     */
    static BufferedImage signed(float[] values, int offset, int width, int height, double limit) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        for (int i = 0; i < width * height; i++) {
            float value = values[offset + i];
            int alpha = (int) Math.round(255 * Math.min(1, Math.abs(value) / limit));
            image.setRGB(i % width, i / width, alpha << 24 | (value > 0 ? POSITIVE : NEGATIVE));
        }
        return image;
    }

    /** A layer's output: a map beside a map, or the numbers of a vector in rows, as square as they go. */
    static BufferedImage activations(float[] values, Shape shape) {
        double limit = largest(values);
        if (shape.rank() == 1) {
            int width = columns(shape.size());
            return signed(values, 0, width, shape.size() / width, limit);
        }
        int height = shape.extent(1);
        int width = shape.extent(2);
        List<BufferedImage> maps = IntStream.range(0, shape.extent(0))
                .mapToObj(map -> signed(values, map * height * width, width, height, limit))
                .toList();
        return grid(maps, columns(maps.size()), 1);
    }

    /** Weights {@code [out, in, height, width]}: a column for each output map, a row for each input map. */
    static BufferedImage filters(float[] weights, Shape shape) {
        int maps = shape.extent(0);
        int inputs = shape.extent(1);
        int height = shape.extent(2);
        int width = shape.extent(3);
        double limit = largest(weights);
        List<BufferedImage> tiles = IntStream.range(0, maps * inputs)
                .map(tile -> (tile % maps * inputs + tile / maps) * height * width)
                .mapToObj(offset -> signed(weights, offset, width, height, limit))
                .toList();
        return grid(tiles, maps, 1);
    }

    /** The images in rows of {@code columns}, {@code gap} pixels apart. All are of one size. */
    static BufferedImage grid(List<BufferedImage> tiles, int columns, int gap) {
        int stepX = tiles.get(0).getWidth() + gap;
        int stepY = tiles.get(0).getHeight() + gap;
        int rows = (tiles.size() + columns - 1) / columns;
        BufferedImage grid = new BufferedImage(columns * stepX - gap, rows * stepY - gap, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = grid.createGraphics();
        for (int i = 0; i < tiles.size(); i++) {
            graphics.drawImage(tiles.get(i), i % columns * stepX, i / columns * stepY, null);
        }
        graphics.dispose();
        return grid;
    }

    /** Each pixel as a square of {@code factor x factor}. */
    static BufferedImage enlarged(BufferedImage image, int factor) {
        int width = factor * image.getWidth();
        int height = factor * image.getHeight();
        BufferedImage enlarged = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
        Graphics2D graphics = enlarged.createGraphics();
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        return enlarged;
    }

    /** {@code image} above lines of text, on white. */
    static BufferedImage captioned(BufferedImage image, List<String> lines) {
        int width = image.getWidth();
        int height = image.getHeight();
        BufferedImage captioned =
                new BufferedImage(width, height + (lines.size() + 1) * LINE_HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = captioned.createGraphics();
        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, captioned.getWidth(), captioned.getHeight());
        graphics.drawImage(image, 0, 0, null);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setFont(FONT);
        graphics.setColor(Color.BLACK);
        for (int i = 0; i < lines.size(); i++) {
            int indent = (width - graphics.getFontMetrics().stringWidth(lines.get(i))) / 2;
            graphics.drawString(lines.get(i), indent, height + (i + 1) * LINE_HEIGHT);
        }
        graphics.dispose();
        return captioned;
    }

    /** The least divisor of {@code count} that makes rows at least as long as columns. */
    private static int columns(int count) {
        return IntStream.rangeClosed(1, count)
                .filter(columns -> count % columns == 0 && columns * columns >= count)
                .findFirst()
                .orElseThrow();
    }

    private static double largest(float[] values) {
        double largest = Float.MIN_NORMAL; // where all are zero, nothing is to be divided by it
        for (float value : values) {
            largest = Math.max(largest, Math.abs(value));
        }
        return largest;
    }
}
