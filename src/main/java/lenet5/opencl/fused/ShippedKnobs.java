package lenet5.opencl.fused;

import static lenet5.opencl.fused.Knob.*;

import java.util.Map;
import lenet5.opencl.Device;

/**
 * The parameters that this program comes with. The CPU's were measured (AMD EPYC with AVX-512, PoCL 3.1). The GPUs' are
 * from paper; of an H100 the group sizes were measured. No other GPU was, so one vendor's are another's.
 */
final class ShippedKnobs {

    /** GPUs, one group an image: many groups, so each is small. */
    private static final Knobs IMAGES = new Knobs(Map.of(
            GROUP, 256,
            WEIGHTS_GROUP, 64,
            MAX_MAPS, 2,
            MAX_PIXELS, 7,
            MAX_OUTPUTS, 4,
            PARTS, 8));

    /** GPUs, several groups an image: few groups, so each is large. */
    private static final Knobs SHARES = IMAGES.with(GROUP, 512).with(PARTS, 16);

    /** GPUs, several images a group: small groups, so that registers and local memory hold several a unit. */
    private static final Knobs TILES = IMAGES.with(GROUP, 128)
            .with(WEIGHTS_GROUP, 128)
            .with(TILE_IMAGES, 2)
            .with(DENSE_GROUP, 512)
            .with(BATCH_PARTS, 256);

    /** CPUs: tiles that stay in 32 vector registers. */
    private static final Knobs LANES = new Knobs(Map.of(
            MAX_MAPS, 4,
            MAX_PIXELS, 7,
            MAX_OUTPUTS, 4,
            MAX_ROWS, 16,
            MAX_COLUMNS, 5));

    private ShippedKnobs() {}

    static Knobs images(Device.Facts device) {
        return Constraint.fit(FusedKind.gpu, device, IMAGES);
    }

    static Knobs shares(Device.Facts device, int shares) {
        return Constraint.fit(FusedKind.gpu, device, SHARES.with(Knob.SHARES, shares));
    }

    /** More images share the dense layers' weights where there are enough of them for all units. */
    static Knobs tiles(Device.Facts device, int batchSize) {
        int denseImages = batchSize >= 16 * device.computeUnits() ? 16 : 8;
        return Constraint.fit(FusedKind.gpu, device, TILES.with(DENSE_IMAGES, denseImages));
    }

    static Knobs lanes() {
        return LANES;
    }
}
