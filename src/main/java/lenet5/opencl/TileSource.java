package lenet5.opencl;

import java.util.ArrayList;
import java.util.List;
import lenet5.nn.Shape;

/** Writes the kernels of a training step whose groups work on several images: bodies, sizes, and files around them. */
final class TileSource {

    private static final KernelCalls.Spaces LOCAL = new KernelCalls.Spaces("__local", "__local", "__global");

    private final TilePlan plan;
    private final KernelCalls writer;

    TileSource(TilePlan plan, KernelCalls writer) {
        this.plan = plan;
        this.writer = writer;
    }

    /** Bodies and sizes. */
    List<String> macros() {
        TileCalls calls = new TileCalls(writer, plan);
        List<String> lines = new ArrayList<>();
        lines.add(FusedSource.define("STEP_COMMON", plan.block().common()));
        lines.add(FusedSource.define("CONV_PARTS", plan.convParts()));
        lines.add(FusedSource.define("DENSE_PARTS", plan.denseParts()));
        lines.add(FusedSource.define("FORWARD_IMAGES", plan.forwardImages()));
        lines.add(FusedSource.define("FORWARD_IMAGE", plan.forwardImage()));
        lines.add(FusedSource.define("FORWARD_LOCAL", plan.forwardLocal()));
        lines.add(FusedSource.define("BACKWARD_IMAGES", plan.backwardImages()));
        lines.add(FusedSource.define("BACKWARD_IMAGE", plan.backwardImage()));
        lines.add(FusedSource.define("BACKWARD_LOCAL", plan.backwardLocal()));
        lines.add(FusedSource.define("GRADIENTS_LOCAL", plan.gradientsLocal()));
        lines.add(FusedSource.define("DENSE_LOCAL", plan.dense().localFloats()));
        lines.add(FusedSource.define("TILE", TilePlan.TILE));
        lines.add(FusedSource.define("TILE_INPUTS", TilePlan.TILE_INPUTS));
        lines.add(FusedSource.define("TILE_OUTPUTS", plan.tileOutputs()));
        lines.add(FusedSource.define("CHUNK", TilePlan.CHUNK));
        lines.add(FusedSource.macro("STEP_FORWARD", calls.forward()));
        lines.add(FusedSource.macro("STEP_DENSE", new TileDenseCalls(plan).all()));
        if (plan.layers().convsWithGradient().length > 0) {
            lines.add(FusedSource.macro("STEP_BACKWARD", calls.backward()));
        }
        lines.add(FusedSource.macro("STEP_GRADIENTS", calls.gradients()));
        lines.add(FusedSource.macro("ADD_PARTS", calls.weights()));
        return lines;
    }

    /** Functions of each convolution, and the kernels. The layers' functions stand once more, for groups of another size. */
    List<String> files() {
        List<String> lines = new ArrayList<>();
        for (int k : plan.layers().convs()) {
            lines.addAll(FusedSource.named("_" + k, LOCAL));
            lines.addAll(tile(k));
            lines.add(FusedSource.include("fused_gpu_tile"));
        }
        lines.add(FusedSource.include("fused_gpu_tiles"));
        lines.add("#undef GROUP");
        lines.add(FusedSource.define("GROUP", "DENSE_GROUP"));
        lines.addAll(FusedSource.named("_dense", LOCAL));
        lines.add(FusedSource.include("fused_gpu_layers"));
        lines.add(FusedSource.include("fused_gpu_tiles_dense"));
        lines.add("#undef GROUP");
        lines.add(FusedSource.define("GROUP", plan.variant().group()));
        return lines;
    }

    private List<String> tile(int k) {
        Shape in = plan.layers().stage(k).input();
        ConvTile tile = plan.tile(k);
        List<String> lines = new ArrayList<>();
        redefine(lines, "IN_MAPS", in.extent(0));
        redefine(lines, "IN_H", in.extent(1));
        redefine(lines, "IN_W", in.extent(2));
        redefine(lines, "OUT_MAPS", plan.layers().stage(k).output().extent(0));
        redefine(lines, "FORWARD_MAPS", tile.forwardMaps());
        lines.add("#undef FORWARD_ROWS");
        if (plan.layers().isPooled(k)) {
            lines.add(FusedSource.define("FORWARD_ROWS", tile.forwardRows()));
        }
        lines.add("#undef BACKWARD_MAPS");
        if (k > plan.layers().firstLearning()) {
            lines.add(FusedSource.define("BACKWARD_MAPS", tile.backwardMaps()));
        }
        redefine(lines, "GRADIENT_MAPS", tile.gradientMaps());
        redefine(lines, "RUNS", tile.runs());
        return lines;
    }

    private static void redefine(List<String> lines, String macro, int value) {
        lines.add("#undef " + macro);
        lines.add(FusedSource.define(macro, value));
    }
}
