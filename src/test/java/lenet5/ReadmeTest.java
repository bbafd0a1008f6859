package lenet5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import lenet5.nn.Models;
import lenet5.nn.Network.Placed;
import lenet5.opencl.TestDevice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's library example does what the README says, and the documents' PyTorch example fits. */
class ReadmeTest {

    @TempDir
    private Path directory;

    @Test
    void theLibraryExampleDoesWhatItSays() throws Exception {
        TestDevice.device();
        Matcher block =
                Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(Path.of("README.md")));
        assertTrue(block.find(), "README.md has a java example");
        String source = block.group(1);
        Matcher promise = Pattern.compile("readFloats\\(\\)\\)\\); // (.*)").matcher(source);
        assertTrue(promise.find(), "the example says what it prints");
        Path file = Files.writeString(directory.resolve("Example.java"), source);
        int failures = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-cp", System.getProperty("java.class.path"), file.toString());
        assertEquals(0, failures, "the example compiles");
        assertEquals(promise.group(1), run("Example").strip());
    }

    @Test
    void thePyTorchExampleHasOurLayers() throws Exception {
        String document = Files.readString(Path.of("docs/models-elsewhere.md")).replaceAll("\\s+", " ");
        String layers = Models.lenet5().layers().stream()
                .map(placed -> "nn." + pyTorch(placed))
                .collect(Collectors.joining(", ", "nn.Sequential(", ")"));
        assertTrue(document.contains(layers), layers);
    }

    private static String pyTorch(Placed placed) {
        String type = placed.layer().getClass().getSimpleName();
        int in = placed.input().extent(0);
        int out = placed.output().extent(0);
        return switch (type) {
            case "Conv5x5" -> "Conv2d(" + in + ", " + out + ", 5)";
            case "AveragePool2x2" -> "AvgPool2d(2)";
            case "Dense" -> "Linear(" + in + ", " + out + ")";
            default -> type + "()";
        };
    }

    private String run(String mainClass) throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream original = System.out;
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {directory.toUri().toURL()})) {
            System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
            loader.loadClass(mainClass).getMethod("main", String[].class).invoke(null, (Object) new String[0]);
        } finally {
            System.setOut(original);
        }
        return printed.toString(StandardCharsets.UTF_8);
    }
}
