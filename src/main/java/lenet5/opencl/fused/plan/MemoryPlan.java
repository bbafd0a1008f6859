package lenet5.opencl.fused.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a work-group's regions lie: in local memory as far as it reaches, the largest in global memory where it does not.
 * Regions that are not needed at the same time share memory.
 */
public final class MemoryPlan {

    /**
     * Numbers that are needed from one moment to another.
     *
     * @param name tells it from the other regions
     * @param floats how many
     * @param from the moment when they are written first
     * @param to the moment when they are read last
     * @param optional whether the work can be done without them; they are never in global memory
     */
    public record Region(String name, int floats, int from, int to, boolean optional) {

        boolean meets(Region other) {
            return from <= other.to && other.from <= to;
        }
    }

    /**
     * A region's place.
     *
     * @param local whether it is in local memory
     * @param offset its first float
     */
    public record Place(boolean local, int offset) {}

    private final Map<Region, Place> places = new LinkedHashMap<>();
    private final int localFloats;
    private final int globalFloats;

    /** Places {@code regions} in at most {@code limit} floats of local memory and as much global memory as it takes. */
    public MemoryPlan(List<Region> regions, int limit) {
        List<Region> local = new ArrayList<>(regions);
        local.sort(Comparator.comparingInt(Region::floats).reversed());
        List<Region> global = new ArrayList<>();
        Map<Region, Integer> offsets = pack(local);
        while (extent(offsets) > limit) {
            Region largest = local.remove(0);
            if (!largest.optional) {
                global.add(largest);
            }
            offsets = pack(local);
        }
        this.localFloats = extent(offsets);
        offsets.forEach((region, offset) -> places.put(region, new Place(true, offset)));
        offsets = pack(global);
        this.globalFloats = extent(offsets);
        offsets.forEach((region, offset) -> places.put(region, new Place(false, offset)));
    }

    /** First fit, in the order given. */
    private static Map<Region, Integer> pack(List<Region> regions) {
        Map<Region, Integer> offsets = new LinkedHashMap<>();
        for (Region region : regions) {
            List<Map.Entry<Region, Integer>> obstacles = offsets.entrySet().stream()
                    .filter(placed -> placed.getKey().meets(region))
                    .sorted(Map.Entry.comparingByValue())
                    .toList();
            int offset = 0;
            for (Map.Entry<Region, Integer> obstacle : obstacles) {
                if (offset + region.floats <= obstacle.getValue()) {
                    break;
                }
                offset = Math.max(offset, obstacle.getValue() + obstacle.getKey().floats);
            }
            offsets.put(region, offset);
        }
        return offsets;
    }

    private static int extent(Map<Region, Integer> offsets) {
        return offsets.entrySet().stream()
                .mapToInt(placed -> placed.getValue() + placed.getKey().floats)
                .max()
                .orElse(0);
    }

    /** Where {@code region} lies, which is nowhere if it is optional and did not fit. */
    public Optional<Place> place(Region region) {
        return Optional.ofNullable(places.get(region));
    }

    /** The extent of local memory. */
    public int localFloats() {
        return localFloats;
    }

    /** The extent of global memory. */
    public int globalFloats() {
        return globalFloats;
    }
}
