package lenet5.picture;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.Rectangle;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import org.junit.jupiter.api.Test;

class GreyImageTest {

    private static final float TOLERANCE = 1e-3f;

    @Test
    void greySamplesAreTakenAsTheyAre() {
        BufferedImage picture = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_GRAY);
        picture.getRaster().setPixels(0, 0, 3, 1, new int[] {0, 100, 255});

        assertArrayEquals(new float[] {0, 100, 255}, GreyImage.of(picture, 3).pixels(), TOLERANCE);
    }

    @Test
    void sixteenBitsAreScaled() {
        BufferedImage picture = new BufferedImage(3, 1, BufferedImage.TYPE_USHORT_GRAY);
        picture.getRaster().setPixels(0, 0, 3, 1, new int[] {0, 257 * 100, 65535});

        assertArrayEquals(new float[] {0, 100, 255}, GreyImage.of(picture, 3).pixels(), TOLERANCE);
    }

    @Test
    void greyWithAlphaLiesOnWhite() {
        ComponentColorModel model = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_GRAY),
                true,
                false,
                Transparency.TRANSLUCENT,
                DataBuffer.TYPE_BYTE);
        WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 3, 1, 2, null);
        raster.setPixels(0, 0, 3, 1, new int[] {100, 255, 100, 0, 100, 51});
        BufferedImage picture = new BufferedImage(model, raster, false, null);

        assertArrayEquals(new float[] {100, 255, 224}, GreyImage.of(picture, 3).pixels(), TOLERANCE);
    }

    @Test
    void colourWithAlphaIsLumaOnWhite() {
        BufferedImage picture = new BufferedImage(4, 1, BufferedImage.TYPE_INT_ARGB);
        picture.setRGB(0, 0, 4, 1, new int[] {0xffff0000, 0xff00ff00, 0xff0000ff, 0x33000000}, 0, 4);

        assertArrayEquals(
                new float[] {0.299f * 255, 0.587f * 255, 0.114f * 255, 204},
                GreyImage.of(picture, 4).pixels(),
                TOLERANCE);
    }

    @Test
    void aLongPictureShrinksByAWholeFactor() {
        BufferedImage picture = new BufferedImage(7, 3, BufferedImage.TYPE_BYTE_GRAY);
        picture.getRaster().setPixels(0, 0, 7, 3, new int[] {
            10, 20, 30, 40, 50, 60, 70, //
            10, 20, 30, 40, 50, 60, 80, //
            90, 91, 92, 93, 94, 95, 96
        });

        GreyImage shrunk = GreyImage.of(picture, 4);

        assertEquals(4, shrunk.width());
        assertEquals(2, shrunk.height());
        assertArrayEquals(new float[] {15, 35, 55, 75, 90.5f, 92.5f, 94.5f, 96}, shrunk.pixels(), TOLERANCE);
    }

    @Test
    void scalingAveragesAreas() {
        GreyImage image = new GreyImage(4, 2, new float[] {
            0, 3, 6, 9, //
            0, 6, 12, 18
        });

        // Two columns of one and a half pixels each: (3 + 6/2 + 6 + 12/2) / 3 and (6/2 + 9 + 12/2 + 18) / 3.
        assertArrayEquals(
                new float[] {6, 12},
                image.scaled(new Rectangle(1, 0, 3, 2), 2, 1).pixels(),
                TOLERANCE);
        assertArrayEquals(
                new float[] {0, 0, 3, 3, 0, 0, 6, 6},
                image.scaled(new Rectangle(0, 0, 2, 2), 4, 2).pixels(),
                TOLERANCE);
    }
}
