package lenet5.io;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;

/** Where downloads and compiled kernels are kept. Nothing there is needed: deleting it costs only time. */
public final class CacheDirectory {

    private CacheDirectory() {}

    /** The cache's root for this process; see {@link #root(Map)}. */
    public static Path root() {
        return root(System.getenv());
    }

    /**
     * {@code $LENET5_CACHE}, else {@code $XDG_CACHE_HOME/lenet5} (if absolute, as the XDG base directory specification
     * asks), else {@code %LOCALAPPDATA%\lenet5} on Windows and {@code ~/.cache/lenet5} elsewhere. An empty variable
     * counts as unset. The directory may not exist yet.
     */
    public static Path root(Map<String, String> environment) {
        return root(environment, System.getProperty("os.name"), Path.of(System.getProperty("user.home")));
    }

    static Path root(Map<String, String> environment, String system, Path home) {
        String own = environment.getOrDefault("LENET5_CACHE", "");
        if (!own.isEmpty()) {
            return Path.of(own);
        }
        return userCaches(environment, system, home).resolve("lenet5");
    }

    private static Path userCaches(Map<String, String> environment, String system, Path home) {
        Path xdg = Path.of(environment.getOrDefault("XDG_CACHE_HOME", ""));
        if (xdg.isAbsolute()) {
            return xdg;
        }
        String local = environment.getOrDefault("LOCALAPPDATA", "");
        if (system.toLowerCase(Locale.ROOT).startsWith("windows") && !local.isEmpty()) {
            return Path.of(local);
        }
        return home.resolve(".cache");
    }
}
