package lenet5.opencl.fused;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.stream.IntStream;
import lenet5.data.Noise;
import lenet5.data.Normalization;
import lenet5.engine.Engine;
import lenet5.engine.Settings;
import lenet5.io.Sha256;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.TestDevice;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * That a change of the code changes no bit where it should not: the parameters after 200 steps on one kind of device, PoCL 3.1
 * on x86-64 with AVX-512. Kernels that compute in another order have other hashes, rightly.
 */
class PinnedBitsTest {

    private static final String DRIVER = "3.1+debian";
    private static final String PROCESSOR = "skylake-avx512";
    private static final int STEPS = 200;
    private static final int BATCH = 32;

    @ParameterizedTest
    @CsvSource({
        "lanes, 5856f3110f8d5b0ba531aa828b463638639e26b44d3ee945b2136fc5ce32d64a",
        "images, 139170915002405c75e5c7bca6b6e557e26538e1aa40f3404ca48d677baa2af3"
    })
    void parametersAreAsTheyWere(Variant variant, String hash) {
        Device.Facts facts = TestDevice.device().facts();
        assumeTrue(
                facts.isPocl() && facts.driver().equals(DRIVER) && facts.name().contains(PROCESSOR),
                "skipped: not the device whose bits are pinned");
        TestDevice.requireLimits(48 << 10, 256); // smaller groups add in another order
        Network network = Models.lenet5();
        try (Engine engine = TestEngines.open(network, new Settings(BATCH, 0.05f), variant)) {
            engine.load(Initializer.glorotUniform(network, 7));
            int[] order = IntStream.range(0, STEPS * BATCH).map(i -> i % 1000).toArray();
            engine.trainEpoch(engine.stage(Noise.images(network, STEPS * BATCH), new Normalization(0.3f)), order);
            assertEquals(hash, hash(engine.parameters().values()));
        }
    }

    private static String hash(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
        bytes.asFloatBuffer().put(values);
        MessageDigest digest = Sha256.digest();
        digest.update(bytes.array());
        return Sha256.hex(digest);
    }
}
