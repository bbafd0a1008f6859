package lenet5.bench;

import java.util.List;
import lenet5.engine.Engine;
import lenet5.engine.Settings;
import lenet5.engines.Engines;
import lenet5.engines.Kind;
import lenet5.engines.Place;
import lenet5.nn.Network;
import lenet5.opencl.Device;

/**
 * An engine in one place, ready to be compared with the others.
 *
 * @param engine its kind, as the command line names it
 * @param device the OpenCL device it runs on, null for the CPU engines
 * @param opener opens it
 */
public record Contender(String engine, Device device, Opener opener) {

    /** Opens an engine. */
    @FunctionalInterface
    public interface Opener {
        Engine open(Network network, Settings settings);
    }

    /** Every engine of this library on every place of this machine, see {@link Engines#places}. */
    public static List<Contender> all() {
        return Engines.places().stream().map(Contender::of).toList();
    }

    /** The engine that defines what the others have to compute. */
    public static Contender reference() {
        return of(new Place(Kind.reference, null));
    }

    private static Contender of(Place place) {
        return new Contender(place.kind().name(), place.device(), place::open);
    }

    public boolean isOpenCl() {
        return device != null;
    }

    /** Where it runs, for people. */
    public String place() {
        return isOpenCl() ? device.toString() : "Java";
    }

    /** Opens the engine; nobody has checked it yet. */
    public Engine open(Network network, Settings settings) {
        return opener.open(network, settings);
    }
}
