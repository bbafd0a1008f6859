package lenet5.cpu;

/** Finds out once whether this JVM offers the module that the vector arithmetic needs. */
final class Vectors {

    private static final String MODULE = "jdk.incubator.vector";

    /** Null where the module is missing: no class that needs it is loaded then. */
    static final Arithmetic INSTANCE = ModuleLayer.boot().findModule(MODULE).isPresent() ? create() : null;

    private Vectors() {}

    /** By reflection, because that class is compiled after the others, against an incubating module. */
    private static Arithmetic create() {
        try {
            return (Arithmetic) Class.forName("lenet5.cpu.VectorArithmetic")
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("VectorArithmetic is not beside this class", e);
        }
    }
}
