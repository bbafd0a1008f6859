package lenet5.report;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Chromium without a window, to look at pages as people do. */
final class Browser implements AutoCloseable {

    /** The size and colours of what a page is looked at on. */
    enum Screen {
        PHONE_LIGHT(390, "light"),
        PHONE_DARK(390, "dark"),
        DESKTOP_LIGHT(1280, "light"),
        DESKTOP_DARK(1280, "dark");

        private final int width;
        private final String scheme; // as prefers-color-scheme has it

        Screen(int width, String scheme) {
            this.width = width;
            this.scheme = scheme;
        }

        boolean isDark() {
            return scheme.equals("dark");
        }

        private boolean isPhone() {
            return this == PHONE_LIGHT || this == PHONE_DARK;
        }
    }

    private static final int HEIGHT = 800;
    private static final JsonMapper JSON = new JsonMapper();

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /**
     * Starts the browser. Without one the test is skipped, or fails under {@code -Dbrowser=required}.
     *
     * @param profile an empty directory for what the browser writes
     */
    static Browser open(Path profile) {
        File program = onPath("chromedriver").orElseGet(() -> missing("chromedriver"));
        ChromeOptions options = new ChromeOptions();
        options.addArguments(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + profile);
        options.setCapability("goog:loggingPrefs", Map.of(LogType.PERFORMANCE, "ALL", LogType.BROWSER, "ALL"));
        return new Browser(new ChromeDriver(
                new ChromeDriverService.Builder().usingDriverExecutable(program).build(), options));
    }

    private static Optional<File> onPath(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> new File(directory, program))
                .filter(File::canExecute)
                .findFirst();
    }

    private static <T> T missing(String what) {
        if ("required".equals(System.getProperty("browser"))) {
            return fail("no " + what + ", but -Dbrowser=required");
        }
        return abort("skipped: no " + what);
    }

    /** Opens {@code page} on {@code screen} and returns whatever is wrong with it there. */
    List<String> faults(Path page, Screen screen) throws Exception {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", screen.width, "height", HEIGHT, "deviceScaleFactor", 1, "mobile", screen.isPhone()));
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", screen.scheme))));
        String address = page.toUri().toString();
        log(LogType.PERFORMANCE);
        driver.get(address);
        List<String> faults = new ArrayList<>();
        String script = Files.readString(Path.of("src/test/resources/lenet5/report/faults.js"));
        for (Object fault : (List<?>) driver.executeAsyncScript(script)) {
            faults.add(fault.toString());
        }
        log(LogType.PERFORMANCE)
                .map(entry -> JSON.readTree(entry.getMessage()).get("message"))
                .filter(message -> message.get("method").asString().equals("Network.requestWillBeSent"))
                .map(message -> message.at("/params/request/url").asString())
                .filter(url -> !url.startsWith("data:") && !url.equals(address))
                .forEach(url -> faults.add("request to " + url));
        log(LogType.BROWSER).forEach(entry -> faults.add("console: " + entry.getMessage()));
        return faults;
    }

    private Stream<LogEntry> log(String type) {
        return StreamSupport.stream(driver.manage().logs().get(type).spliterator(), false);
    }

    /** A PNG of the whole page last opened. */
    byte[] screenshot() {
        JsonNode size = JSON.valueToTree(driver.executeCdpCommand("Page.getLayoutMetrics", Map.of()))
                .get("cssContentSize");
        Map<String, Object> clip = Map.of(
                "x",
                0,
                "y",
                0,
                "width",
                size.get("width").asInt(),
                "height",
                size.get("height").asInt(),
                "scale",
                1);
        Object png = driver.executeCdpCommand(
                        "Page.captureScreenshot", Map.of("captureBeyondViewport", true, "clip", clip))
                .get("data");
        return Base64.getDecoder().decode((String) png);
    }

    @Override
    public void close() {
        driver.quit();
    }
}
