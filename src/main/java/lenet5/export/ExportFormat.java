package lenet5.export;

import java.io.IOException;
import java.nio.file.Path;
import lenet5.io.AtomicFiles;
import lenet5.train.Model;
import lenet5.train.ModelFile;

/** The formats that a model can be written in, by the names that the command line gives them. */
public enum ExportFormat {
    /**
     * A graph of ONNX operator set 13. Input {@code image}, float32 {@code [batch, 1, 28, 28]}, pixels from 0
     * (background) to 255 (ink); output {@code probabilities}, float32 {@code [batch, classes]}. Padding and
     * normalization are inside.
     */
    onnx(".onnx"),

    /**
     * The state of PyTorch's {@code nn.Sequential}, which is how {@link ModelFile} writes every model. Normalization is
     * outside: the mean is in the metadata.
     */
    safetensors("-pytorch.safetensors"),

    /**
     * A Keras 3 archive of a {@code Sequential}. Input {@code [batch, 28, 28, 1]}, pixels as for ONNX; output
     * probabilities {@code [batch, classes]}. Padding and normalization are inside.
     */
    keras(".keras");

    private final String suffix;

    ExportFormat(String suffix) {
        this.suffix = suffix;
    }

    /** What the name of an exported file ends in. */
    public String suffix() {
        return suffix;
    }

    /**
     * Writes {@code model} to {@code file}, which is replaced only by a whole one. Networks whose input is smaller than
     * MNIST's 28x28 pixels take images of the input's own size.
     *
     * @throws IOException if the file cannot be written
     */
    public void write(Path file, Model model) throws IOException {
        switch (this) {
            case onnx -> AtomicFiles.write(file, new OnnxGraph(model).encode());
            case safetensors -> ModelFile.write(file, model);
            case keras -> AtomicFiles.write(file, new KerasSequential(model).encode());
        }
    }
}
