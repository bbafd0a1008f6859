package lenet5.opencl.fused.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import lenet5.opencl.fused.plan.MemoryPlan.Place;
import lenet5.opencl.fused.plan.MemoryPlan.Region;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {

    @Test
    void regionsThatNeverMeetShareMemory() {
        Region first = new Region("first", 10, 0, 1, false);
        Region second = new Region("second", 5, 1, 2, false);
        Region third = new Region("third", 8, 2, 3, false);
        MemoryPlan plan = new MemoryPlan(List.of(first, second, third), 15);
        assertEquals(15, plan.localFloats());
        assertEquals(0, plan.globalFloats());
        assertEquals(new Place(true, 0), plan.place(first).orElseThrow());
        assertEquals(new Place(true, 0), plan.place(third).orElseThrow());
        assertEquals(new Place(true, 10), plan.place(second).orElseThrow());
    }

    @Test
    void theLargestGoToGlobalMemoryOrAreDoneWithout() {
        Region large = new Region("large", 100, 0, 3, false);
        Region optional = new Region("optional", 50, 1, 1, true);
        Region small = new Region("small", 10, 0, 2, false);
        List<Region> regions = List.of(large, optional, small);
        MemoryPlan all = new MemoryPlan(regions, 160);
        assertEquals(160, all.localFloats());

        MemoryPlan some = new MemoryPlan(regions, 60);
        assertEquals(new Place(false, 0), some.place(large).orElseThrow());
        assertTrue(some.place(optional).orElseThrow().local());
        assertEquals(100, some.globalFloats());

        MemoryPlan none = new MemoryPlan(regions, 9);
        assertEquals(0, none.localFloats());
        assertEquals(110, none.globalFloats());
        assertEquals(Optional.empty(), none.place(optional));
    }

    @Test
    void whatIsNeededAtTheSameTimeNeverOverlaps() {
        SplittableRandom random = new SplittableRandom(1);
        for (int run = 0; run < 200; run++) {
            List<Region> regions = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                int from = random.nextInt(10);
                int to = from + random.nextInt(5);
                regions.add(new Region("region " + i, 1 + random.nextInt(50), from, to, random.nextBoolean()));
            }
            MemoryPlan plan = new MemoryPlan(regions, random.nextInt(200));
            for (Region a : regions) {
                for (Region b : regions) {
                    if (a != b && a.meets(b)) {
                        assertFalse(overlap(plan, a, b), () -> a + " and " + b);
                    }
                }
            }
        }
    }

    private static boolean overlap(MemoryPlan plan, Region a, Region b) {
        Optional<Place> p = plan.place(a);
        Optional<Place> q = plan.place(b);
        return p.isPresent()
                && q.isPresent()
                && p.get().local() == q.get().local()
                && p.get().offset() < q.get().offset() + b.floats()
                && q.get().offset() < p.get().offset() + a.floats();
    }
}
