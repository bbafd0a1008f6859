package lenet5.data;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import lenet5.io.Sha256;

/**
 * A data set ready for training.
 *
 * @param name short, for records: {@code mnist}, {@code synthetic} or the directory
 * @param train the images to learn from
 * @param validation held out, looked at after each epoch
 * @param test looked at once, at the end
 */
public record Splits(String name, LabeledImages train, LabeledImages validation, LabeledImages test) {

    /** The SHA-256 of the images to learn from and to validate with: what it takes to train the same again. */
    public String fingerprint() {
        MessageDigest digest = Sha256.digest();
        for (LabeledImages images : List.of(train, validation)) {
            digest.update((images.count() + "x" + images.height() + "x" + images.width())
                    .getBytes(StandardCharsets.US_ASCII));
            digest.update(images.pixels());
            digest.update(images.labels());
        }
        return Sha256.hex(digest);
    }
}
