package lenet5.data.synthetic;

import java.awt.geom.Path2D;
import java.util.SplittableRandom;

/** The strokes of a digit, before a pen draws them. */
public final class WrittenDigit {

    private WrittenDigit() {}

    /** The digit's first form, written by hand about the origin, one high. */
    public static Path2D of(int digit, SplittableRandom random) {
        Path2D strokes = new Path2D.Double();
        for (Handwriting.Path path :
                new Handwriting(random).write(Glyphs.of(digit).get(0))) {
            strokes.moveTo(path.x()[0], path.y()[0]);
            for (int i = 1; i < path.x().length; i++) {
                strokes.lineTo(path.x()[i], path.y()[i]);
            }
        }
        return strokes;
    }
}
