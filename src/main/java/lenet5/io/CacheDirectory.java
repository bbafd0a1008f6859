package lenet5.io;

import java.nio.file.Path;

public final class CacheDirectory {
    private CacheDirectory() {}

    public static Path resolve(String name) {
        return Path.of(System.getProperty("user.home"), ".cache", "lenet5", name);
    }
}
