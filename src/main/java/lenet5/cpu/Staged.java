package lenet5.cpu;

import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.engine.StagedData;
import lenet5.nn.Shape;

/** A data set as it came, and what each byte becomes. */
final class Staged implements StagedData {

    private final CpuEngine engine;
    private final LabeledImages data;
    private final int inputWidth;
    private final int paddingTop;
    private final int paddingLeft;
    private final float[] normalized = new float[Normalization.WHITE + 1];

    Staged(CpuEngine engine, LabeledImages data, Shape input, Normalization normalization) {
        this.engine = engine;
        this.data = data;
        this.inputWidth = input.extent(2);
        this.paddingTop = (input.extent(1) - data.height()) / 2;
        this.paddingLeft = (input.extent(2) - data.width()) / 2;
        if (input.extent(0) != 1
                || paddingTop < 0
                || paddingTop != paddingLeft
                || data.height() + 2 * paddingTop != input.extent(1)
                || data.width() + 2 * paddingLeft != input.extent(2)) {
            throw new IllegalArgumentException("images of " + data.height() + "x" + data.width()
                    + " pixels, equally padded on each side, do not become the network's input " + input);
        }
        for (int pixel = 0; pixel < normalized.length; pixel++) {
            normalized[pixel] = (float) pixel / Normalization.WHITE - normalization.mean();
        }
    }

    CpuEngine engine() {
        return engine;
    }

    @Override
    public int count() {
        return data.count();
    }

    int label(int image) {
        return data.labels()[image];
    }

    void requireIndices(int[] order) {
        for (int image : order) {
            if (image < 0 || image >= count()) {
                throw new IllegalArgumentException(
                        "index " + image + " is not one of the " + count() + " staged images");
            }
        }
    }

    /** Lays {@code images} images of the order side by side in a block, each in a lane, inside the padding. */
    void gather(int[] order, int from, int images, float[] block, int lanes) {
        java.util.Arrays.fill(block, normalized[0]);
        int size = data.height() * data.width();
        for (int n = 0; n < images; n++) {
            int pixel = order[from + n] * size;
            for (int r = 0; r < data.height(); r++) {
                int at = ((r + paddingTop) * inputWidth + paddingLeft) * lanes + n;
                for (int c = 0; c < data.width(); c++, pixel++, at += lanes) {
                    block[at] = normalized[Byte.toUnsignedInt(data.pixels()[pixel])];
                }
            }
        }
    }
}
