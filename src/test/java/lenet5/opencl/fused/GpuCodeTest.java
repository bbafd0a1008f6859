package lenet5.opencl.fused;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.Source;
import lenet5.opencl.fused.block.BlockPlan;
import lenet5.opencl.fused.kernels.FusedSource;
import lenet5.opencl.fused.plan.GridBarrier;
import lenet5.opencl.fused.plan.StepPlan;
import lenet5.opencl.fused.plan.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The fused kernels in NVIDIA's instruction set, by Clang, with no GPU at hand. LLVM is in the compilers of NVIDIA, AMD and
 * Intel: what it does not keep in registers here, it does not keep there.
 */
class GpuCodeTest {

    /** Where PTX has an array that is not in registers. */
    private static final String STACK = "__local_depot";

    private static final Device.Facts GPU = TestEngines.facts(Device.Type.GPU, 48 << 10, 1024, 132);

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "lanes")
    void tilesStayInRegisters(Variant variant) throws IOException, InterruptedException {
        String code = compile(source(variant));
        assertTrue(code.contains(".entry evaluate_images"), code);
        assertEquals(
                List.of(), code.lines().filter(line -> line.contains(STACK)).toList());
    }

    /** With the examples that it has of what a program writes around it. */
    @ParameterizedTest
    @MethodSource("fusedFiles")
    void everyFileCompilesAlone(String file) throws IOException, InterruptedException {
        for (String other : files()) {
            Path copy = directory.resolve(other + ".cl");
            Files.createDirectories(copy.getParent());
            Files.writeString(copy, Source.file(other).text());
        }
        compile(Source.file(file).text());
    }

    static List<String> fusedFiles() throws IOException {
        return files().stream().filter(file -> file.startsWith("fused/")).toList();
    }

    private static List<String> files() throws IOException {
        Path kernels = Path.of("kernels");
        try (Stream<Path> paths = Files.walk(kernels)) {
            return paths.map(path -> kernels.relativize(path).toString().replace(File.separatorChar, '/'))
                    .filter(path -> path.endsWith(".cl"))
                    .map(path -> path.substring(0, path.length() - ".cl".length()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void groupsWaitForOneAnotherBehindNvidiasFence() throws IOException, InterruptedException {
        Target kernels = Variant.persistent.on(GPU, 32);
        String source = source(kernels, new GridBarrier(132, 1, true).defines(kernels));
        String code = compile(source);
        assertTrue(code.contains(".entry train_epoch"), code);
        assertTrue(code.contains("membar.gl;"), code);
        assertTrue(code.contains("ld.global.nc.f32"), "that there is such a cache is known to Clang");
        assertEquals(List.of(), readPastOtherGroups(code), "by a cache that knows nothing of other groups");
        assertFalse(code.contains(STACK), code);
    }

    /** Loads of floats by the cache for what no group writes, but those of {@code scale} and {@code factor}. */
    private static List<String> readPastOtherGroups(String code) {
        Set<String> readOnly = Pattern.compile("ld\\.param\\.u64\\s+(%rd\\d+), \\[train_epoch_param_[48]\\]")
                .matcher(code)
                .results()
                .map(load -> load.group(1))
                .collect(Collectors.toSet());
        return code.lines()
                .filter(line -> line.contains("ld.global.nc.f32"))
                .filter(line -> readOnly.stream()
                        .noneMatch(
                                register -> line.contains("[" + register + "]") || line.contains("[" + register + "+")))
                .toList();
    }

    @Test
    void aLoopWhoseBoundIsNotKnownInTimeIsFound() throws IOException, InterruptedException {
        String source = source(Variant.images);
        String loop = "for (int k = 0; k < (most); k++) if (k < (count))";
        assertTrue(source.contains(loop));
        assertTrue(compile(source.replace(loop, "for (int k = 0; k < (count); k++)"))
                .contains(STACK));
    }

    private static String source(Variant variant) {
        Target kernels = variant.on(GPU, 32);
        return source(kernels, kernels.defines());
    }

    private static String source(Target kernels, Map<String, Integer> defines) {
        Network network = Models.lenet5();
        StepPlan step = TestEngines.plan(network, kernels);
        return defines.keySet().stream()
                        .map(name -> "#define " + name + " " + defines.get(name) + "\n")
                        .collect(Collectors.joining())
                + FusedSource.of(step, BlockPlan.evaluation(network, kernels)).text();
    }

    private String compile(String source) throws IOException, InterruptedException {
        return new GpuCompiler(directory).ptx(source);
    }
}
