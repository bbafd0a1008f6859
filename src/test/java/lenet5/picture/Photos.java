package lenet5.picture;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Polygon;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import lenet5.data.synthetic.WrittenDigit;

/** Photos of digits on paper that were never taken: drawn with all that makes real ones hard to read. */
public final class Photos {

    private static final int WIDTH = 480;
    private static final int HEIGHT = 360;

    private Photos() {}

    /**
     * A digit under certain conditions.
     *
     * @param scene the conditions
     * @param plain the same strokes, black on even white
     */
    public record Photo(String scene, int digit, BufferedImage picture, BufferedImage plain) {
        @Override
        public String toString() {
            return digit + " " + scene;
        }
    }

    private interface Light {
        /** The part of full light that falls on a point. */
        double at(double x, double y);
    }

    /**
     * What a photo is taken of.
     *
     * @param pen the line's width in pixels
     * @param tilt in degrees against the clock
     * @param below drawn on the paper before the digit
     * @param above drawn over everything
     * @param noise standard deviation in grey levels
     */
    private record Scene(
            String name,
            Color paper,
            Color ink,
            int pen,
            int tilt,
            Consumer<Graphics2D> below,
            Consumer<Graphics2D> above,
            Light light,
            int noise) {}

    private static final Color WHITE = new Color(245, 243, 238);
    private static final Color BLACK = new Color(25, 25, 30);
    private static final Color BLUE = new Color(35, 60, 165);
    private static final Consumer<Graphics2D> NOTHING = graphics -> {};
    private static final Light EVEN = (x, y) -> 1;

    private static final List<Scene> SCENES = List.of(
            new Scene("scan", WHITE, BLACK, 10, 0, NOTHING, NOTHING, EVEN, 2),
            new Scene("evening light", WHITE, BLACK, 9, 4, NOTHING, NOTHING, (x, y) -> 1 - 0.7 * (x + y) / 2, 3),
            new Scene("shadow of a hand", WHITE, BLUE, 9, 0, NOTHING, NOTHING, Photos::shadow, 3),
            new Scene("desk lamp", WHITE, BLACK, 8, -5, NOTHING, NOTHING, Photos::lamp, 3),
            new Scene("blue ball pen", new Color(240, 232, 205), BLUE, 5, 6, NOTHING, NOTHING, Photos::vignette, 5),
            new Scene("pencil", WHITE, new Color(150, 150, 150), 6, 0, NOTHING, NOTHING, Photos::vignette, 4),
            new Scene("marker", WHITE, BLACK, 26, -4, NOTHING, NOTHING, Photos::vignette, 3),
            new Scene("ruled paper", WHITE, BLUE, 8, 0, Photos::rules, NOTHING, Photos::vignette, 3),
            new Scene("squared paper", WHITE, BLACK, 9, 0, Photos::squares, NOTHING, (x, y) -> 1 - 0.4 * y, 3),
            new Scene("table's edge", WHITE, BLACK, 9, 0, NOTHING, Photos::table, EVEN, 3),
            new Scene("dust", WHITE, BLACK, 8, 3, Photos::dust, NOTHING, EVEN, 2),
            new Scene(
                    "chalk", new Color(40, 60, 50), new Color(225, 225, 220), 12, 5, NOTHING, NOTHING, Photos::lamp, 4),
            new Scene("tilted, in the dark", WHITE, BLACK, 11, 10, NOTHING, NOTHING, (x, y) -> 0.35 - 0.1 * x, 4));

    /** Every digit under all conditions. */
    public static List<Photo> all() {
        List<Photo> photos = new ArrayList<>();
        for (int s = 0; s < SCENES.size(); s++) {
            for (int digit = 0; digit < 10; digit++) {
                photos.add(take(SCENES.get(s), digit, 31L * s + digit));
            }
        }
        return photos;
    }

    /** The conditions without a digit. */
    public static List<BufferedImage> empty() {
        return IntStream.range(0, SCENES.size())
                .mapToObj(s -> expose(page(SCENES.get(s), null), SCENES.get(s), s))
                .toList();
    }

    private static Photo take(Scene scene, int digit, long seed) {
        Path2D strokes = strokes(digit, scene.tilt, new SplittableRandom(seed));
        Scene plain = new Scene("", Color.WHITE, Color.BLACK, scene.pen, 0, NOTHING, NOTHING, EVEN, 0);
        return new Photo(scene.name, digit, expose(page(scene, strokes), scene, seed), page(plain, strokes));
    }

    /** The digit's first form, written by hand, somewhere about the middle, 150 to 230 pixels high. */
    private static Path2D strokes(int digit, int tilt, SplittableRandom random) {
        Path2D strokes = WrittenDigit.of(digit, random);
        double size = random.nextDouble(150, 230);
        AffineTransform place = AffineTransform.getTranslateInstance(
                random.nextDouble(0.4, 0.6) * WIDTH, random.nextDouble(0.45, 0.55) * HEIGHT);
        place.rotate(-Math.toRadians(tilt));
        place.scale(size, size);
        strokes.transform(place);
        return strokes;
    }

    private static BufferedImage page(Scene scene, Path2D strokes) {
        BufferedImage page = Drawing.paper(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB, scene.paper);
        Graphics2D graphics = page.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        scene.below.accept(graphics);
        if (strokes != null) {
            graphics.setColor(scene.ink);
            graphics.setStroke(new BasicStroke(scene.pen, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
            graphics.draw(strokes);
        }
        scene.above.accept(graphics);
        graphics.dispose();
        return page;
    }

    private static BufferedImage expose(BufferedImage page, Scene scene, long seed) {
        Random noise = new Random(seed);
        BufferedImage photo = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                double light = scene.light.at((double) x / WIDTH, (double) y / HEIGHT);
                int rgb = 0;
                for (int shift = 16; shift >= 0; shift -= 8) {
                    double level = light * (page.getRGB(x, y) >> shift & 0xff) + scene.noise * noise.nextGaussian();
                    rgb |= (int) Math.max(0, Math.min(255, Math.round(level))) << shift;
                }
                photo.setRGB(x, y, rgb);
            }
        }
        return photo;
    }

    /** Half the light beyond a slanting line, with a narrow penumbra. */
    private static double shadow(double x, double y) {
        double beyond = (x + 0.5 * y - 0.75) / 0.03;
        return 1 - 0.5 / (1 + Math.exp(-beyond));
    }

    private static double lamp(double x, double y) {
        return 0.45 + 0.55 * Math.exp(-3 * ((x - 0.25) * (x - 0.25) + (y - 0.2) * (y - 0.2)));
    }

    private static double vignette(double x, double y) {
        return 0.95 - 0.9 * ((x - 0.5) * (x - 0.5) + (y - 0.5) * (y - 0.5));
    }

    private static void rules(Graphics2D graphics) {
        graphics.setColor(new Color(190, 205, 235));
        for (int y = 25; y < HEIGHT; y += 36) {
            graphics.fillRect(0, y, WIDTH, 2);
        }
        graphics.setColor(new Color(240, 170, 170));
        graphics.fillRect(50, 0, 2, HEIGHT);
    }

    private static void squares(Graphics2D graphics) {
        graphics.setColor(new Color(200, 205, 215));
        for (int at = 10; at < WIDTH; at += 24) {
            graphics.fillRect(at, 0, 1, HEIGHT);
            graphics.fillRect(0, at, WIDTH, 1);
        }
    }

    private static void table(Graphics2D graphics) {
        graphics.setColor(new Color(70, 45, 25));
        graphics.fillPolygon(new Polygon(new int[] {0, 90, 50, 0}, new int[] {0, 0, HEIGHT, HEIGHT}, 4));
    }

    private static void dust(Graphics2D graphics) {
        Random random = new Random(5);
        graphics.setColor(new Color(60, 50, 40));
        for (int i = 0; i < 40; i++) {
            graphics.fillOval(random.nextInt(WIDTH), random.nextInt(HEIGHT), 3, 4);
        }
    }
}
