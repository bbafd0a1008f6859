package lenet5;

import lenet5.cli.RootCommand;

/** The program: trains LeNet-5 and uses what it learned. Run it with {@code --help}. */
public final class Lenet5Gpu {

    private Lenet5Gpu() {}

    /** Runs one command and exits with its code. */
    public static void main(String[] arguments) {
        System.exit(RootCommand.run(arguments));
    }
}
