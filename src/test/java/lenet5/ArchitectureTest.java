package lenet5;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static java.util.Map.entry;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import lenet5.cpu.CpuEngine;
import lenet5.engine.LayeredEngine;
import lenet5.opencl.OpenClOps;
import lenet5.opencl.fused.FusedEngine;
import lenet5.opencl.fused.FusedEngines;
import lenet5.opencl.fused.Variant;
import lenet5.ops.ReferenceOps;
import org.junit.jupiter.api.Test;

/** Imports run one way: cli to bench and report to train to engine to ops, data and nn; opencl and cpu stand beside, for engines, which cli and bench choose from. */
class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("lenet5");

    /** What the program alone is made of; every other package is the library's. */
    private static final String[] PROGRAM = {
        "lenet5", "lenet5.cli..", "lenet5.bench..", "lenet5.export..", "lenet5.picture..", "lenet5.report.."
    };

    /** What the library may use: all that its users get is what the POM does not call optional. */
    private static final String[] LIBRARIES = {
        "java..", "jdk.incubator.vector..", "org.jocl..", "org.apache.commons.io..", "tools.jackson.."
    };

    /** What each package may import of the others. */
    private static final Map<String, Set<String>> IMPORTS = Map.ofEntries(
            entry("lenet5", Set.of("lenet5.cli")),
            entry(
                    "lenet5.cli",
                    Set.of(
                            "lenet5.bench",
                            "lenet5.export",
                            "lenet5.picture",
                            "lenet5.report",
                            "lenet5.train",
                            "lenet5.engines",
                            "lenet5.opencl",
                            "lenet5.opencl.fused",
                            "lenet5.opencl.tune",
                            "lenet5.engine",
                            "lenet5.data",
                            "lenet5.data.synthetic",
                            "lenet5.ops",
                            "lenet5.nn",
                            "lenet5.io")),
            entry(
                    "lenet5.bench",
                    Set.of(
                            "lenet5.train",
                            "lenet5.engines",
                            "lenet5.opencl",
                            "lenet5.opencl.fused",
                            "lenet5.opencl.tune",
                            "lenet5.engine",
                            "lenet5.data",
                            "lenet5.ops",
                            "lenet5.nn",
                            "lenet5.io")),
            entry("lenet5.export", Set.of("lenet5.train", "lenet5.data", "lenet5.nn", "lenet5.io")),
            entry("lenet5.picture", Set.of("lenet5.data")),
            entry("lenet5.report", Set.of("lenet5.train", "lenet5.engine", "lenet5.data", "lenet5.nn", "lenet5.io")),
            entry("lenet5.train", Set.of("lenet5.engine", "lenet5.data", "lenet5.nn", "lenet5.io")),
            entry(
                    "lenet5.engines",
                    Set.of(
                            "lenet5.opencl",
                            "lenet5.opencl.fused",
                            "lenet5.opencl.tune",
                            "lenet5.cpu",
                            "lenet5.engine",
                            "lenet5.ops",
                            "lenet5.nn")),
            entry(
                    "lenet5.opencl.tune",
                    Set.of(
                            "lenet5.opencl.fused",
                            "lenet5.opencl.fused.plan",
                            "lenet5.opencl",
                            "lenet5.engine",
                            "lenet5.data",
                            "lenet5.data.synthetic",
                            "lenet5.nn",
                            "lenet5.io")),
            entry(
                    "lenet5.opencl.fused",
                    Set.of(
                            "lenet5.opencl.fused.images",
                            "lenet5.opencl.fused.lanes",
                            "lenet5.opencl.fused.shares",
                            "lenet5.opencl.fused.tiles",
                            "lenet5.opencl.fused.persistent",
                            "lenet5.opencl.fused.kernels",
                            "lenet5.opencl.fused.block",
                            "lenet5.opencl.fused.plan",
                            "lenet5.opencl",
                            "lenet5.engine",
                            "lenet5.data",
                            "lenet5.ops",
                            "lenet5.nn",
                            "lenet5.io")),
            entry(
                    "lenet5.opencl.fused.persistent",
                    Set.of(
                            "lenet5.opencl.fused.images",
                            "lenet5.opencl.fused.lanes",
                            "lenet5.opencl.fused.kernels",
                            "lenet5.opencl.fused.plan",
                            "lenet5.opencl",
                            "lenet5.engine",
                            "lenet5.data",
                            "lenet5.nn")),
            entry(
                    "lenet5.opencl.fused.kernels",
                    Set.of(
                            "lenet5.opencl.fused.block",
                            "lenet5.opencl.fused.plan",
                            "lenet5.opencl",
                            "lenet5.engine",
                            "lenet5.data",
                            "lenet5.ops",
                            "lenet5.nn")),
            entry("lenet5.opencl.fused.tiles", variant("lenet5.opencl.fused.images")),
            entry("lenet5.opencl.fused.shares", variant("lenet5.opencl.fused.images")),
            entry("lenet5.opencl.fused.lanes", variant()),
            entry("lenet5.opencl.fused.images", variant()),
            entry(
                    "lenet5.opencl.fused.block",
                    Set.of("lenet5.opencl.fused.plan", "lenet5.engine", "lenet5.ops", "lenet5.nn")),
            entry("lenet5.opencl.fused.plan", Set.of("lenet5.opencl", "lenet5.engine", "lenet5.ops", "lenet5.nn")),
            entry("lenet5.opencl", Set.of("lenet5.engine", "lenet5.ops", "lenet5.nn", "lenet5.io")),
            entry("lenet5.cpu", Set.of("lenet5.engine", "lenet5.data", "lenet5.ops", "lenet5.nn")),
            entry("lenet5.engine", Set.of("lenet5.data", "lenet5.ops", "lenet5.nn")),
            entry("lenet5.data.synthetic", Set.of("lenet5.data")),
            entry("lenet5.data", Set.of("lenet5.nn", "lenet5.io")),
            entry("lenet5.ops", Set.of("lenet5.nn")),
            entry("lenet5.nn", Set.of()),
            entry("lenet5.io", Set.of()));

    /** What the room of a variant may import. */
    private static Set<String> variant(String... others) {
        Set<String> imports = new HashSet<>(Set.of(
                "lenet5.opencl.fused.block",
                "lenet5.opencl.fused.plan",
                "lenet5.opencl",
                "lenet5.engine",
                "lenet5.ops",
                "lenet5.nn"));
        imports.addAll(Set.of(others));
        return imports;
    }

    @Test
    void importsRunOneWay() {
        classes()
                .should()
                .resideInAnyPackage(IMPORTS.keySet().toArray(String[]::new))
                .check(CLASSES);
        IMPORTS.forEach((ours, others) -> {
            Set<String> forbidden = new HashSet<>(IMPORTS.keySet());
            forbidden.removeAll(others);
            forbidden.remove(ours);
            noClasses()
                    .that()
                    .resideInAPackage(ours)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(forbidden.toArray(String[]::new))
                    .check(CLASSES);
        });
    }

    @Test
    void packagesFormNoCycles() {
        SlicesRuleDefinition.slices()
                .matching("lenet5.(**)")
                .should()
                .beFreeOfCycles()
                .check(CLASSES);
    }

    @Test
    void theLibraryNeedsNothingOfTheProgramAndFewLibraries() {
        DescribedPredicate<JavaClass> library = resideInAPackage("lenet5..").and(resideOutsideOfPackages(PROGRAM));
        classes()
                .that(library)
                .should()
                .onlyDependOnClassesThat(library.or(resideInAnyPackage(LIBRARIES)))
                .check(CLASSES);
    }

    @Test
    void theNetworkNeedsNothingButJava() {
        classes()
                .that()
                .resideInAPackage("lenet5.nn")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("lenet5.nn", "java..")
                .check(CLASSES);
    }

    @Test
    void onlyTheListOfEnginesChoosesAnImplementation() {
        noClasses()
                .that()
                .resideOutsideOfPackages("lenet5.engines", "lenet5.opencl..", "lenet5.cpu", "lenet5.ops")
                .and()
                .doNotBelongToAnyOf(LayeredEngine.class)
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(ReferenceOps.class, OpenClOps.class, CpuEngine.class)
                .check(CLASSES);
    }

    /** What plans, writes and measures is the fused engine's own. */
    @Test
    void ofTheFusedEngineOthersKnowItsFace() {
        noClasses()
                .that()
                .resideOutsideOfPackage("lenet5.opencl..")
                .should()
                .dependOnClassesThat(resideInAPackage("lenet5.opencl.fused..")
                        .and(not(belongToAnyOf(FusedEngine.class, FusedEngines.class, Variant.class))))
                .check(CLASSES);
    }

    @Test
    void onlyTheirPackagesKnowLibraries() {
        onlyIn("org.jocl..", "lenet5.opencl");
        onlyIn("picocli..", "lenet5.cli");
        onlyIn("me.tongfei.progressbar..", "lenet5.cli");
        onlyIn("freemarker..", "lenet5.report");
        onlyIn("org.knowm.xchart..", "lenet5.bench", "lenet5.report");
        onlyIn("ai.onnx.proto..", "lenet5.export");
        onlyIn("com.google.protobuf..", "lenet5.export");
        onlyIn("io.jhdf..", "lenet5.export");
    }

    private static void onlyIn(String library, String... ours) {
        noClasses()
                .that()
                .resideOutsideOfPackages(ours)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(CLASSES);
    }
}
