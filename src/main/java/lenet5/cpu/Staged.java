package lenet5.cpu;

import java.util.Arrays;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.engine.StagedImages;
import lenet5.nn.Shape;
import lenet5.ops.Augmentation;

/** A data set as it came, and what each byte becomes. */
final class Staged extends StagedImages {

    private final CpuEngine engine;
    private final int inputWidth;
    private final int padding;
    private final Augmentation augmentation;
    private byte[] pixels;
    private final float[] normalized = new float[Normalization.WHITE + 1];

    Staged(CpuEngine engine, LabeledImages data, Shape input, Normalization normalization) {
        super(data);
        this.engine = engine;
        this.inputWidth = input.extent(2);
        this.padding = data.paddingTo(input);
        this.augmentation = new Augmentation(data.height(), data.width());
        this.pixels = data.pixels();
        for (int pixel = 0; pixel < normalized.length; pixel++) {
            normalized[pixel] = (float) pixel / Normalization.WHITE - normalization.mean();
        }
    }

    CpuEngine engine() {
        return engine;
    }

    @Override
    public void augment(long seed, int epoch) {
        requireOpen();
        byte[] originals = images().pixels();
        if (pixels == originals) {
            pixels = new byte[originals.length];
        }
        int key = Augmentation.key(seed, epoch);
        engine.forEach(count(), image -> augmentation.draw(originals, 0, image, key, pixels, 0));
    }

    int label(int image) {
        return images().labels()[image];
    }

    /**
     * Lays {@code images} images of the order side by side in a block, each in a lane, inside the padding.
     *
     * @param starts scratch, a number a lane
     */
    void gather(int[] order, int from, int images, float[] block, int[] starts) {
        LabeledImages data = images();
        int lanes = starts.length;
        Arrays.fill(block, normalized[0]);
        int size = data.height() * data.width();
        for (int n = 0; n < images; n++) {
            starts[n] = order[from + n] * size;
        }
        for (int pixel = 0; pixel < size; pixel++) {
            int row = pixel / data.width() + padding;
            int at = (row * inputWidth + pixel % data.width() + padding) * lanes;
            for (int n = 0; n < images; n++) {
                block[at + n] = normalized[Byte.toUnsignedInt(pixels[starts[n] + pixel])];
            }
        }
    }
}
