package lenet5.picture;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;

/** Pictures of a seven, drawn with a round pen. */
final class Drawing {

    private Drawing() {}

    /** Black on white, the digit {@code size} high with its upper left corner at {@code (x, y)}. */
    static BufferedImage seven(int width, int height, double x, double y, double size) {
        return seven(paper(width, height, BufferedImage.TYPE_INT_RGB, Color.WHITE), Color.BLACK, x, y, size);
    }

    static BufferedImage paper(int width, int height, int type, Color colour) {
        BufferedImage picture = new BufferedImage(width, height, type);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(colour);
        graphics.fillRect(0, 0, width, height);
        graphics.dispose();
        return picture;
    }

    static BufferedImage seven(BufferedImage paper, Color ink, double x, double y, double size) {
        double pen = size / 8;
        double inner = size - pen;
        Path2D strokes = new Path2D.Double();
        strokes.moveTo(0, 0);
        strokes.lineTo(0.6 * inner, 0);
        strokes.curveTo(0.55 * inner, 0.3 * inner, 0.25 * inner, 0.6 * inner, 0.2 * inner, inner);
        Graphics2D graphics = paper.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
        graphics.setColor(ink);
        graphics.translate(x + pen / 2, y + pen / 2);
        graphics.setStroke(new BasicStroke((float) pen, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
        graphics.draw(strokes);
        graphics.dispose();
        return paper;
    }

    static BufferedImage negative(BufferedImage picture) {
        return mapped(picture, (x, y, grey) -> 255 - grey);
    }

    static BufferedImage noisy(BufferedImage picture, double deviation, long seed) {
        Random random = new Random(seed);
        return mapped(picture, (x, y, grey) -> grey + deviation * random.nextGaussian());
    }

    interface GreyMap {
        double apply(int x, int y, int grey);
    }

    /** The blue samples of {@code picture}, mapped, as grey ones. */
    static BufferedImage mapped(BufferedImage picture, GreyMap map) {
        BufferedImage mapped = new BufferedImage(picture.getWidth(), picture.getHeight(), BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < picture.getHeight(); y++) {
            for (int x = 0; x < picture.getWidth(); x++) {
                double grey = map.apply(x, y, picture.getRGB(x, y) & 0xff);
                mapped.getRaster().setSample(x, y, 0, (int) Math.round(Math.max(0, Math.min(255, grey))));
            }
        }
        return mapped;
    }

    static Path save(BufferedImage picture, Path directory, String format) throws IOException {
        Path file = directory.resolve("digit." + format);
        if (!ImageIO.write(picture, format, file.toFile())) {
            throw new IOException("no writer for " + format);
        }
        return file;
    }
}
