package lenet5.data;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * Where MNIST can be had.
 *
 * @param addresses directories with the packed files, each ending in a slash, in order of preference
 * @param sha256 what each unpacked file must hash to
 * @param connectTimeout how long a server may take to accept a connection
 * @param stallTimeout how long a server may send nothing
 */
record MnistMirrors(
        List<URI> addresses, Function<MnistFile, String> sha256, Duration connectTimeout, Duration stallTimeout) {

    static final MnistMirrors PUBLIC = new MnistMirrors(
            List.of(
                    URI.create("https://storage.googleapis.com/cvdf-datasets/mnist/"),
                    URI.create("https://ossci-datasets.s3.amazonaws.com/mnist/")),
            MnistFile::sha256,
            Duration.ofSeconds(5),
            Duration.ofSeconds(10));
}
