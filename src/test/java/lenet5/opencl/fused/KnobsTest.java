package lenet5.opencl.fused;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import java.util.Set;
import lenet5.opencl.Device;
import lenet5.opencl.fused.plan.Knob;
import lenet5.opencl.fused.plan.Knobs;
import lenet5.opencl.fused.plan.LayerKnobs;
import lenet5.opencl.fused.plan.Target;
import lenet5.opencl.fused.shares.SharesDivision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The fused kernels' knobs and what they have to keep to. */
class KnobsTest {

    private static final Device.Facts DEVICE = TestEngines.facts(Device.Type.GPU, 48 << 10, 256, 4);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    images | GROUP         | 512 | 'group is 512, expected at most 256, the device''s largest work-group'
                    images | GROUP         |   0 | 'group is 0, expected at least 1'
                    tiles  | DENSE_IMAGES  |   6 | 'dense_images is 6, expected a positive multiple of 4'
                    images | WEIGHTS_GROUP | 300 | 'weights_group is 300, expected at most 256, the device''s largest work-group'
                    images | PARTS         | 257 | 'parts is 257, expected at most 256, group, the work-items that there are'
                    images | MAX_PIXELS    |  33 | 'max_pixels is 33, expected at most 32, the sums that a work-item has registers for, divided by max_maps'
                    lanes  | MAX_MAPS      |   5 | 'max_pixels is 7, expected at most 6, the sums that a work-item has registers for, divided by max_maps'
                    lanes  | MAX_ROWS      |  33 | 'max_rows is 33, expected at most 32, the sums that a work-item has registers for'
                    lanes  | MAX_COLUMNS   |   9 | 'max_outputs is 4, expected at most 3, the sums that a work-item has registers for, divided by max_columns'
                    """)
    void aKnobBeyondItsLimitIsNamedWithWhatWasExpected(Variant variant, String name, int value, String message) {
        Target shipped = variant.on(DEVICE, 32);
        Knob knob = shipped.knobs().values().keySet().stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow();
        Knobs broken = shipped.knobs().with(knob, value);
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> shipped.with(broken))
                        .getMessage());
    }

    @Test
    void aChangeLowersWhatItForcesToAndStopsAtWhatTheDeviceHas() {
        Candidate lanes = Candidate.shipped(Variant.lanes, DEVICE, 32);
        Candidate changed = lanes.with(LayerKnobs.MAX_MAPS, 6, DEVICE, 32).orElseThrow();
        assertEquals(6, changed.knobs().get(LayerKnobs.MAX_MAPS));
        assertEquals(5, changed.knobs().get(LayerKnobs.MAX_PIXELS), "30 sums in 32 registers");
        Candidate images = Candidate.shipped(Variant.images, DEVICE, 32);
        assertEquals(Optional.empty(), images.with(LayerKnobs.GROUP, 512, DEVICE, 32));
    }

    @Test
    void whatTheCallsHaveIsNoMacro() {
        Knobs knobs = Variant.shares.on(DEVICE, 2).knobs();
        assertEquals(4, knobs.get(SharesDivision.SHARES));
        assertEquals(
                Set.of("GROUP", "WEIGHTS_GROUP", "MAX_MAPS", "MAX_PIXELS", "MAX_OUTPUTS"),
                knobs.defines().keySet());
    }
}
