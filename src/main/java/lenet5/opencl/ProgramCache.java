package lenet5.opencl;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import lenet5.io.AtomicFiles;
import lenet5.io.CacheDirectory;
import lenet5.io.Sha256;

/**
 * Compiled programs on disk, one file each, named by the hash of everything that went into it and starting with the hash
 * of its content, so that a damaged file never reaches a driver. A cache that cannot be used costs time, nothing else.
 */
final class ProgramCache {

    private static final int HASH_BYTES = 32;

    private final String device;
    private final Path directory;
    private final boolean wanted;

    ProgramCache(Device device) {
        this.device = device.facts().identity();
        this.directory = CacheDirectory.root().resolve("kernels");
        this.wanted = !device.facts().isPocl();
    }

    /**
     * Whether to keep binaries. PoCL has a cache of its own, and before it hands out a binary it compiles every kernel once
     * more than it runs, for work-groups of any size: seconds for the fused ones.
     */
    boolean isWanted() {
        return wanted;
    }

    /** The binary kept under {@code key}, or null. */
    byte[] find(String key) {
        try {
            byte[] content = Files.readAllBytes(file(key));
            if (content.length <= HASH_BYTES) {
                return null;
            }
            byte[] binary = Arrays.copyOfRange(content, HASH_BYTES, content.length);
            return Arrays.equals(Sha256.digest().digest(binary), 0, HASH_BYTES, content, 0, HASH_BYTES) ? binary : null;
        } catch (IOException e) {
            return null;
        }
    }

    void keep(String key, byte[] binary) {
        byte[] content = Arrays.copyOf(Sha256.digest().digest(binary), HASH_BYTES + binary.length);
        System.arraycopy(binary, 0, content, HASH_BYTES, binary.length);
        try {
            Files.createDirectories(directory);
            AtomicFiles.write(file(key), content);
        } catch (IOException e) {
            // A read-only or full disk: the program is compiled again next time.
        }
    }

    private Path file(String key) {
        byte[] hash = Sha256.digest().digest((device + "\n" + key).getBytes(StandardCharsets.UTF_8));
        return directory.resolve(HexFormat.of().formatHex(hash) + ".bin");
    }
}
