package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import lenet5.ChildJvm;

/** Ways in which a machine's OpenCL is of no use, and the words that tell of each. */
enum BrokenOpenCl {
    NO_LOADER("the OpenCL library cannot be loaded") {
        @Override
        void befall(ChildJvm jvm, Path directory) throws IOException {
            Files.createFile(directory.resolve("libOpenCL.so.1"));
            Files.createFile(directory.resolve("libOpenCL.so"));
            jvm.environment("LD_LIBRARY_PATH", directory.toString());
        }
    },
    NO_PLATFORM("no OpenCL platform") {
        @Override
        void befall(ChildJvm jvm, Path directory) {
            jvm.environment("OCL_ICD_VENDORS", directory.toString());
        }
    },
    DRIVER_THAT_IS_NO_LIBRARY("no OpenCL platform") {
        @Override
        void befall(ChildJvm jvm, Path directory) throws IOException {
            Path driver = Files.writeString(directory.resolve("driver.so"), "no library");
            Files.writeString(directory.resolve("driver.icd"), driver + "\n");
            jvm.environment("OCL_ICD_VENDORS", directory.toString());
        }
    },
    /** PoCL has no device where it cannot write its own cache. */
    PLATFORM_WITHOUT_DEVICE("Portable Computing Language offers no device") {
        @Override
        void befall(ChildJvm jvm, Path directory) throws IOException {
            Path file = Files.createFile(directory.resolve("file"));
            jvm.environment("OCL_ICD_VENDORS", POCL.toString());
            jvm.environment("POCL_CACHE_DIR", file.resolve("cache").toString());
        }
    },
    TEMPORARY_DIRECTORY_MISSING("to the temporary directory") {
        @Override
        void befall(ChildJvm jvm, Path directory) throws IOException {
            Path file = Files.createFile(directory.resolve("file"));
            jvm.property("java.io.tmpdir", file.resolve("tmp").toString());
        }
    },
    /** Nobody may create files in /proc, the superuser included, to whom permissions say nothing. */
    TEMPORARY_DIRECTORY_READ_ONLY("to the temporary directory /proc") {
        @Override
        void befall(ChildJvm jvm, Path directory) {
            assertTrue(Files.isDirectory(Path.of("/proc")));
            jvm.property("java.io.tmpdir", "/proc");
        }
    };

    /** Where Debian's and Ubuntu's package registers PoCL. */
    static final Path POCL = Path.of("/etc/OpenCL/vendors/pocl.icd");

    final String reason;

    BrokenOpenCl(String reason) {
        this.reason = reason;
    }

    /** Breaks OpenCL for {@code jvm}, with the help of files in {@code directory}, which is empty. */
    abstract void befall(ChildJvm jvm, Path directory) throws IOException;
}
