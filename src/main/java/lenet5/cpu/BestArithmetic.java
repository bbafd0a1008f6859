package lenet5.cpu;

/** Chooses once: vectors where this JVM offers the module they need, else loops. */
final class BestArithmetic {

    private static final String MODULE = "jdk.incubator.vector";

    /** No class that needs the module is loaded where it is missing. */
    static final Arithmetic INSTANCE =
            ModuleLayer.boot().findModule(MODULE).isPresent() ? vectors() : new LoopArithmetic();

    private BestArithmetic() {}

    /** By reflection, because that class is compiled after the others, against an incubating module. */
    private static Arithmetic vectors() {
        try {
            return (Arithmetic) Class.forName("lenet5.cpu.VectorArithmetic")
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("VectorArithmetic is not beside this class", e);
        }
    }
}
