package lenet5.picture;

import java.awt.Rectangle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Pixels that hang together, by their sides or corners.
 *
 * @param pixels their places in the image
 * @param box the least rectangle around them
 * @param mass the sum of their values
 * @param peak the largest of their values
 * @param atBorder whether they reach the image's border
 */
record Component(int[] pixels, Rectangle box, double mass, float peak, boolean atBorder) {

    /** The components of the pixels of {@code image} that are greater than {@code threshold}. */
    static List<Component> of(GreyImage image, float threshold) {
        boolean[] open = new boolean[image.pixels().length];
        for (int i = 0; i < open.length; i++) {
            open[i] = image.pixels()[i] > threshold;
        }
        List<Component> components = new ArrayList<>();
        int[] found = new int[open.length];
        for (int i = 0; i < open.length; i++) {
            if (open[i]) {
                components.add(of(image, Arrays.copyOf(found, fill(image, open, i, found))));
            }
        }
        return components;
    }

    /** Moves what hangs together with {@code start} from {@code open} to {@code found}; returns how many pixels. */
    private static int fill(GreyImage image, boolean[] open, int start, int[] found) {
        int count = 0;
        found[count++] = start;
        open[start] = false;
        for (int done = 0; done < count; done++) {
            int x = found[done] % image.width();
            int y = found[done] / image.width();
            for (int ny = Math.max(0, y - 1); ny <= Math.min(image.height() - 1, y + 1); ny++) {
                for (int nx = Math.max(0, x - 1); nx <= Math.min(image.width() - 1, x + 1); nx++) {
                    int neighbour = ny * image.width() + nx;
                    if (open[neighbour]) {
                        open[neighbour] = false;
                        found[count++] = neighbour;
                    }
                }
            }
        }
        return count;
    }

    private static Component of(GreyImage image, int[] pixels) {
        Rectangle box = new Rectangle(pixels[0] % image.width(), pixels[0] / image.width(), 1, 1);
        double mass = 0;
        float peak = 0;
        for (int pixel : pixels) {
            box.add(new Rectangle(pixel % image.width(), pixel / image.width(), 1, 1));
            mass += image.pixels()[pixel];
            peak = Math.max(peak, image.pixels()[pixel]);
        }
        boolean inside =
                box.x > 0 && box.y > 0 && box.x + box.width < image.width() && box.y + box.height < image.height();
        return new Component(pixels, box, mass, peak, !inside);
    }

    /** The longer side of its box. */
    int extent() {
        return Math.max(box.width, box.height);
    }
}
