package lenet5.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** The vectors of this machine: of the width that it prefers. */
final class VectorShape {

    static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    static final int LANES = SPECIES.length();

    /**
     * The one class of all these vectors. A vector that comes out of a loop must go through {@code EXACT.cast} before one of
     * its methods is called: to the compiler it is any {@code FloatVector}, and unless it is certain of the class, or dares to
     * guess it, the vector becomes an object and so do the loop's. The cast costs nothing. As an argument of another vector's
     * method it needs none, since that method compares the two classes.
     */
    static final Class<? extends FloatVector> EXACT = FloatVector.zero(SPECIES).getClass();

    private VectorShape() {}
}
