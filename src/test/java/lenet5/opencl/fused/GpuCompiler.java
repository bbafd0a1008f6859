package lenet5.opencl.fused;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lenet5.opencl.TestDevice;

/** Clang and, where CUDA's tools are, ptxas: code for NVIDIA's GPUs with no GPU at hand. */
final class GpuCompiler {

    /** The architecture that Clang writes for; ptxas goes on from there. */
    private static final String CLANGS = "sm_70";

    /** Clang's word for NVIDIA's. */
    private static final String CLANGS_ASM = "-Dasm=__asm__";

    private static final String H100 = "sm_90a";

    private final Path directory;

    GpuCompiler(Path directory) {
        this.directory = directory;
    }

    /** PTX of {@code source}, which may include what lies in the directory. */
    String ptx(String source) throws IOException, InterruptedException {
        Path in = Files.writeString(directory.resolve("kernels.cl"), source);
        Path out = directory.resolve("kernels.ptx");
        List<String> command = new ArrayList<>(List.of(clang(), "-target", "nvptx64", "-cl-std=CL1.2", CLANGS_ASM));
        command.addAll(List.of("-Xclang", "-finclude-default-header", "-Xclang", "-target-cpu", "-Xclang", CLANGS));
        command.addAll(List.of("-I", directory.toString(), "-O3", "-S", "-o", out.toString(), in.toString()));
        run(command);
        return Files.readString(out);
    }

    /**
     * What ptxas makes of PTX.
     *
     * @param elf the code of all kernels
     * @param notes registers, spills and local memory of each, in words
     */
    record Assembled(byte[] elf, String notes) {}

    /** Machine code of an H100. */
    Assembled assemble(String ptx) throws IOException, InterruptedException {
        Path in = Files.writeString(directory.resolve("kernels.ptx"), ptx);
        Path out = directory.resolve("kernels.cubin");
        String ptxas = ptxas().orElseThrow().toString();
        String notes = run(List.of(ptxas, "-arch=" + H100, "-v", "-o", out.toString(), in.toString()));
        return new Assembled(Files.readAllBytes(out), notes);
    }

    /** What compiles here, as both say it. */
    static String versions() throws IOException, InterruptedException {
        String clang = run(List.of(clang(), "--version")).lines().findFirst().orElseThrow();
        String ptxas = run(List.of(ptxas().orElseThrow().toString(), "--version"))
                .lines()
                .filter(line -> line.startsWith("Cuda"))
                .findFirst()
                .orElseThrow();
        return clang + "; " + ptxas;
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String messages = new String(process.getInputStream().readAllBytes());
        assertEquals(0, process.waitFor(), messages);
        return messages;
    }

    private static String clang() {
        return find("clang").map(Path::toString).orElseGet(() -> TestDevice.missing("clang"));
    }

    /** Nothing installs it: it comes with CUDA. */
    static Optional<Path> ptxas() {
        return find("ptxas");
    }

    private static Optional<Path> find(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .map(directory -> Path.of(directory, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
