package lenet5.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Lines that wait until they may be said; later ones need not wait. Confined to one thread. */
final class Remarks implements Consumer<String> {

    private final List<String> waiting = new ArrayList<>();
    private Consumer<String> listener = waiting::add;

    @Override
    public void accept(String line) {
        listener.accept(line);
    }

    /** Says all to {@code listener}, from now on at once. */
    void sayTo(Consumer<String> listener) {
        this.listener = listener;
        waiting.forEach(listener);
    }
}
