package lenet5.io;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheDirectoryTest {

    @TempDir
    Path home;

    @Test
    void ownVariableComesFirst() {
        Map<String, String> environment = Map.of("LENET5_CACHE", "here", "XDG_CACHE_HOME", home.toString());
        assertEquals(Path.of("here"), CacheDirectory.root(environment, "Linux", home));
    }

    @Test
    void xdgComesNext() {
        Path caches = home.resolve("caches");
        Map<String, String> environment = Map.of("LENET5_CACHE", "", "XDG_CACHE_HOME", caches.toString());
        assertEquals(caches.resolve("lenet5"), CacheDirectory.root(environment, "Linux", home));
    }

    @Test
    void relativeXdgIsIgnored() {
        assertEquals(
                home.resolve(".cache/lenet5"),
                CacheDirectory.root(Map.of("XDG_CACHE_HOME", "relative"), "Linux", home));
    }

    @Test
    void homeIsTheDefault() {
        assertEquals(home.resolve(".cache/lenet5"), CacheDirectory.root(Map.of(), "Mac OS X", home));
    }

    @Test
    void localApplicationDataCountsOnWindowsOnly() {
        Path local = home.resolve("AppData");
        Map<String, String> environment = Map.of("LOCALAPPDATA", local.toString());
        assertEquals(local.resolve("lenet5"), CacheDirectory.root(environment, "Windows 11", home));
        assertEquals(home.resolve(".cache/lenet5"), CacheDirectory.root(environment, "Linux", home));
    }
}
