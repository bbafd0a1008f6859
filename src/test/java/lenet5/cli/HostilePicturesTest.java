package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import lenet5.ChildJvm;
import lenet5.data.Normalization;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.train.Model;
import lenet5.train.ModelFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostilePicturesTest {

    @TempDir
    private Path directory;

    /** In a small JVM of their own, where one that took too much memory would end it. */
    @Test
    void everyPictureIsReadOrRefusedInALine() throws IOException {
        Path model = directory.resolve("model.safetensors");
        ModelFile.write(model, new Model(Initializer.glorotUniform(Models.lenet5(), 1), new Normalization(0), 1, 0));
        Path pictures = Files.createDirectory(directory.resolve("pictures"));
        ChildJvm.Result result = new ChildJvm(directory)
                .option("-Xmx64m")
                .run(HostilePictures.class, pictures.toString(), model.toString());
        assertEquals(0, result.exitCode(), result::toString);
        int cases = Integer.parseInt(result.out().strip());
        assertTrue(cases >= 200, result::toString);
    }
}
