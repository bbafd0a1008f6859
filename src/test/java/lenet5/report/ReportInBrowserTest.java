package lenet5.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import lenet5.report.Browser.Screen;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Looks at a report in a browser; the pictures taken stay in {@code target/report}. */
class ReportInBrowserTest {

    @TempDir
    private static Path directory;

    private static Browser browser;
    private static Path page;

    @BeforeAll
    static void writeReport() throws Exception {
        browser = Browser.open(Files.createDirectory(directory.resolve("profile")));
        Path report = Files.createDirectory(directory.resolve("report"));
        Report.write(report, TestRun.train());
        // by itself, so that nothing beside it can help
        page = Files.move(report.resolve(Report.PAGE), directory.resolve(Report.PAGE));
    }

    @AfterAll
    static void close() {
        if (browser != null) {
            browser.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsWrongOn(Screen screen) throws Exception {
        assertEquals(List.of(), browser.faults(page, screen));
        byte[] screenshot = browser.screenshot();
        Files.write(Files.createDirectories(Path.of("target/report")).resolve(screen + ".png"), screenshot);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(screenshot));
        int corner = image.getRGB(1, 1) & 0xff;
        assertTrue(screen.isDark() ? corner < 64 : corner > 192, "the page's blue is " + corner);
    }

    @Test
    void faultsAreFound() throws Exception {
        Path faulty = Files.writeString(directory.resolve("faulty.html"), """
                <!DOCTYPE html>
                <html><head><title>faulty</title></head><body>
                <p style="width: 3000px">wide</p>
                <p style="position: absolute; top: 90px">under</p><p style="position: absolute; top: 92px">over</p>
                <p style="color: #999; background: #888">pale</p>
                <p style="width: 2em; overflow: hidden">Donaudampfschifffahrt</p>
                <img src="data:image/png;base64,AAAA" alt="damaged"/>
                <img src="http://localhost:9/picture.png" alt="elsewhere"/>
                </body></html>
                """);
        List<String> faults = browser.faults(faulty, Screen.DESKTOP_LIGHT);
        for (String expected : List.of(
                "the page is 30",
                "p \"under\" lies on p \"over\"",
                "p \"pale\" has a contrast of 1.",
                "p \"Donaudampfschifffahrt\" overflows",
                "img \"damaged\" does not load",
                "request to http://localhost:9/picture.png")) {
            assertTrue(faults.stream().anyMatch(fault -> fault.startsWith(expected)), () -> expected + " in " + faults);
        }
    }
}
