package lenet5.opencl.fused.plan;

import java.util.List;

/**
 * Families of fused kernels, with what their code takes for granted. The functions of either take the same arguments.
 */
public enum Family {
    /** A work-group a block of one image, which is in local memory; {@code MAX_PIXELS} lie below one another. */
    gpu("images", 1, 1, 1, 64),
    /** A work-item a block of sixteen images; {@code MAX_PIXELS} lie side by side, and it owns all weights of an output. */
    cpu("lanes", 16, 2, Integer.MAX_VALUE, 32);

    private final String room;
    private final int lanes;
    private final int pixelAxis;
    private final int ownedInputs;
    private final int registers;

    Family(String room, int lanes, int pixelAxis, int ownedInputs, int registers) {
        this.room = room;
        this.lanes = lanes;
        this.pixelAxis = pixelAxis;
        this.ownedInputs = ownedInputs;
        this.registers = registers;
    }

    /** The file of the kernels themselves, with which a step takes a block of images and then the weights. */
    String kernels() {
        return "fused/" + room + "/" + room;
    }

    /** The files of the layers' functions. */
    List<String> layers() {
        return List.of("fused/" + room + "/layers", "fused/" + room + "/convolution");
    }

    /** Images that a block runs through together, one beside the other: a value is {@code [features, lanes]}. */
    int lanes() {
        return lanes;
    }

    /** Where the pixels lie that a work-item computes at once: 1 for below one another, 2 for side by side. */
    int pixelAxis() {
        return pixelAxis;
    }

    /** Weights of one output that a work-item owns, at most. */
    int ownedInputs() {
        return ownedInputs;
    }

    /** Sums that a work-item may have at once: more would not stay in registers, and take long to compile. */
    int registers() {
        return registers;
    }

    /** Whether work-items share a block; else each is alone in its group and has no use for local memory. */
    boolean hasGroups() {
        return this == gpu;
    }
}
