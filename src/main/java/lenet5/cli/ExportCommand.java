package lenet5.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import lenet5.export.ExportFormat;
import lenet5.train.Model;
import lenet5.train.ModelFile;
import org.apache.commons.io.FilenameUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a model for other programs. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = "Writes a trained model for other programs: ONNX, PyTorch, Keras.")
final class ExportCommand implements Callable<Integer> {

    @Mixin
    private Console console;

    @Parameters(paramLabel = "MODEL", description = "A file that train --out wrote.")
    private Path file;

    @Option(
            names = "--format",
            required = true,
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}. onnx and keras take grey pixels from 0 to 255, background 0, and "
                    + "give probabilities; safetensors is the state of PyTorch's nn.Sequential, which takes "
                    + "normalized images and gives logits.")
    private ExportFormat format;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write there. Default: beside MODEL, with the format's ending.")
    private Path out;

    @Override
    public Integer call() throws IOException {
        Model model = ModelFile.read(file);
        Path target = out == null ? beside(file, format.suffix()) : out;
        format.write(target, model);
        console.text("%s written, %,d bytes", target, Files.size(target));
        console.event("export", "file", target.toString(), "format", format.name(), "bytes", Files.size(target));
        return 0;
    }

    /** {@code file} with {@code suffix} in place of its extension. */
    static Path beside(Path file, String suffix) {
        return file.resolveSibling(
                FilenameUtils.removeExtension(file.getFileName().toString()) + suffix);
    }
}
