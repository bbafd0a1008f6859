package lenet5.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import lenet5.picture.Photos.Photo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PhotosTest {

    @TempDir
    Path directory;

    static List<Photo> photos() {
        return Photos.all();
    }

    /** The same strokes in even light, so that nothing of the photo but the digit was taken for ink, and all of it. */
    @ParameterizedTest
    @MethodSource("photos")
    void aPhotoShowsTheDigitAlone(Photo photo) throws IOException {
        GreyImage plain = soft(read(photo.plain()).orElseThrow());
        GreyImage taken = soft(read(photo.picture()).orElseThrow(() -> new AssertionError("no digit found")));
        double least = IntStream.of(-29, -28, -27, -1, 0, 1, 27, 28, 29) // a centre of mass may round to the next pixel
                .mapToDouble(shift -> difference(plain, taken, shift))
                .min()
                .orElseThrow();
        // Fractions of a pixel make 0.3 of the thinnest lines; another digit, or one that lost a stroke, differs by
        // more.
        assertTrue(least < 0.35, "differs by " + least + " of its ink");
    }

    /** A hair's breadth off, a line of one pixel would be another one. */
    private static GreyImage soft(byte[] digit) {
        return GreyImage.blank(DigitImage.SIZE, DigitImage.SIZE)
                .mapped((i, blank) -> Byte.toUnsignedInt(digit[i]))
                .means(3);
    }

    private static double difference(GreyImage plain, GreyImage taken, int shift) {
        double difference = 0;
        double ink = 0;
        for (int i = 0; i < plain.pixels().length; i++) {
            int shifted = Math.floorMod(i + shift, plain.pixels().length); // what leaves one side is background
            difference += Math.abs(plain.pixels()[i] - taken.pixels()[shifted]);
            ink += plain.pixels()[i];
        }
        return difference / ink;
    }

    @Test
    void emptyPagesShowNoDigit() throws IOException {
        List<BufferedImage> pages = Photos.empty();
        for (int i = 0; i < pages.size(); i++) {
            assertEquals(Optional.empty(), read(pages.get(i)), "page " + i);
        }
    }

    private Optional<byte[]> read(BufferedImage picture) throws IOException {
        return DigitImage.read(Drawing.save(picture, directory, "jpg"));
    }
}
