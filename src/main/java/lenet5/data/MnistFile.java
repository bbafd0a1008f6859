package lenet5.data;

/** The four files of MNIST. */
enum MnistFile {
    TRAIN_IMAGES(
            "train-images-idx3-ubyte",
            IdxFile.IMAGES,
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
    TRAIN_LABELS(
            "train-labels-idx1-ubyte",
            IdxFile.LABELS,
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
    TEST_IMAGES(
            "t10k-images-idx3-ubyte",
            IdxFile.IMAGES,
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
    TEST_LABELS(
            "t10k-labels-idx1-ubyte",
            IdxFile.LABELS,
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");

    private final String plainName;
    private final int dimensions;
    private final String sha256;

    MnistFile(String plainName, int dimensions, String sha256) {
        this.plainName = plainName;
        this.dimensions = dimensions;
        this.sha256 = sha256;
    }

    /** The name of the unpacked file. */
    String plainName() {
        return plainName;
    }

    /** The name under which it is published and kept. */
    String packedName() {
        return plainName + ".gz";
    }

    /** The number of dimensions its IDX header has. */
    int dimensions() {
        return dimensions;
    }

    /** Of the unpacked file, in hexadecimal. */
    String sha256() {
        return sha256;
    }
}
