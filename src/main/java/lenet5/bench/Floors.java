package lenet5.bench;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lenet5.opencl.Device;

/** The floor of every place that contenders run on. */
public final class Floors {

    private final Floor cpu;
    private final Map<Device, Floor> devices = new HashMap<>();

    /** Measures each place once. Java and an OpenCL device of type CPU share a processor, and so the better figure. */
    public Floors(List<Contender> contenders) {
        Floor processor = Floor.ofCpu();
        for (Contender contender : contenders) {
            if (contender.isOpenCl() && !devices.containsKey(contender.device())) {
                Floor floor = Floor.of(contender.device());
                devices.put(contender.device(), floor);
                processor = isCpu(contender) ? processor.or(floor) : processor;
            }
        }
        this.cpu = processor;
    }

    /** The floor where {@code contender} runs. */
    public Floor of(Contender contender) {
        return isCpu(contender) ? cpu : devices.get(contender.device());
    }

    private static boolean isCpu(Contender contender) {
        return !contender.isOpenCl() || contender.device().facts().type() == Device.Type.CPU;
    }
}
