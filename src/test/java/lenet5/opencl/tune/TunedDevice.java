package lenet5.opencl.tune;

import java.io.IOException;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.opencl.TestDevice;
import lenet5.opencl.fused.Candidate;
import lenet5.opencl.fused.Variant;
import lenet5.opencl.fused.plan.LayerKnobs;

/** What tuning might do on the device, for a JVM of its own, whose cache it is. */
public final class TunedDevice {

    private static final Network NETWORK = Models.lenet5();
    private static final int BATCH = 32;

    private TunedDevice() {}

    private static Candidate shipped() {
        return Candidate.shipped(Variant.auto, TestDevice.device().facts(), BATCH);
    }

    /** Not what is shipped, whatever the device. */
    private static Candidate other() {
        return shipped()
                .with(LayerKnobs.MAX_OUTPUTS, 2, TestDevice.device().facts(), BATCH)
                .orElseThrow();
    }

    /** Keeps other knobs than the shipped ones, and prints them. */
    public static final class Keep {
        public static void main(String[] arguments) throws IOException {
            TuningCache.user().keep(other(), TestDevice.device().facts(), NETWORK, BATCH);
            System.out.println(other());
        }
    }

    /** Makes the shipped knobs ready to be timed, then others, and prints why these are refused. */
    static final class Open {
        public static void main(String[] arguments) {
            TuningSearch.Space engines = new Tuner(TestDevice.device(), NETWORK, BATCH).engines();
            engines.open(shipped()).close();
            try {
                engines.open(other()).close();
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
        }
    }
}
