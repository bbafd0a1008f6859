package lenet5.cli;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import lenet5.data.DigitImage;
import lenet5.data.LabeledImages;
import lenet5.engine.Settings;
import lenet5.engine.Softmax;
import lenet5.nn.Network;
import lenet5.train.Model;
import lenet5.train.ModelFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Reads a user's pictures of digits. */
@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        description =
                "Tells which digit each picture shows (PNG, JPEG, PGM; any size, dark on light or light on dark).")
final class PredictCommand implements Callable<Integer> {

    /** An engine that only looks at images needs no more than valid settings. */
    static final Settings INFERENCE = new Settings(1, 1);

    @Mixin
    private Console console;

    @Mixin
    private EngineOptions engines;

    @Parameters(index = "0", paramLabel = "MODEL", description = "A file that train --out wrote.")
    private Path file;

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "Pictures of one digit each.")
    private List<Path> pictures;

    @Override
    public Integer call() {
        Model model = ModelFile.read(file);
        Network network = model.parameters().network();
        ByteArrayOutputStream pixels = new ByteArrayOutputStream();
        for (Path picture : pictures) {
            pixels.writeBytes(DigitImage.read(picture));
        }
        byte[] unlabeled = new byte[pictures.size()];
        LabeledImages images = new LabeledImages(DigitImage.SIZE, DigitImage.SIZE, pixels.toByteArray(), unlabeled);
        try (OpenedEngine opened = engines.open(network, INFERENCE, false, console::message)) {
            opened.engine().load(model.parameters());
            float[][] logits = opened.engine().logits(opened.engine().stage(images, model.normalization()));
            for (int i = 0; i < logits.length; i++) {
                print(pictures.get(i), Softmax.of(logits[i]));
            }
        }
        return 0;
    }

    private void print(Path picture, double[] probabilities) {
        int digit = 0;
        for (int k = 1; k < probabilities.length; k++) {
            digit = probabilities[k] > probabilities[digit] ? k : digit;
        }
        console.text("%s: %d (%.1f %%)", picture, digit, 100 * probabilities[digit]);
        console.event(
                "prediction",
                "file",
                picture.toString(),
                "digit",
                digit,
                "probability",
                probabilities[digit],
                "probabilities",
                probabilities);
    }
}
