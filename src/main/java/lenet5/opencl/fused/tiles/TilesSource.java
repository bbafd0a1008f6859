package lenet5.opencl.fused.tiles;

import static lenet5.opencl.fused.plan.SourceText.define;
import static lenet5.opencl.fused.plan.SourceText.include;
import static lenet5.opencl.fused.plan.SourceText.macro;
import static lenet5.opencl.fused.plan.SourceText.named;
import static lenet5.opencl.fused.plan.SourceText.redefine;
import static lenet5.opencl.fused.plan.SourceText.undefine;

import java.util.ArrayList;
import java.util.List;
import lenet5.nn.Shape;
import lenet5.opencl.fused.plan.KernelCalls;

/** Writes the kernels of a training step whose groups work on several images: bodies, sizes, and files around them. */
final class TilesSource {

    private static final KernelCalls.Spaces LOCAL = new KernelCalls.Spaces("__local", "__local", "__global");

    private final TilesPlan plan;

    TilesSource(TilesPlan plan) {
        this.plan = plan;
    }

    /** Bodies and sizes. */
    List<String> bodies(KernelCalls writer) {
        TilesCalls calls = new TilesCalls(writer, plan);
        List<String> lines = new ArrayList<>();
        lines.add(define("STEP_COMMON", plan.block().common()));
        lines.add(define("CONV_SLICES", plan.convSlices()));
        lines.add(define("DENSE_SLICES", plan.denseSlices()));
        lines.add(define("FORWARD_IMAGES", plan.forwardImages()));
        lines.add(define("FORWARD_IMAGE", plan.forwardImage()));
        lines.add(define("FORWARD_LOCAL", plan.forwardLocal()));
        lines.add(define("BACKWARD_IMAGES", plan.backwardImages()));
        lines.add(define("BACKWARD_IMAGE", plan.backwardImage()));
        lines.add(define("BACKWARD_LOCAL", plan.backwardLocal()));
        lines.add(define("GRADIENTS_LOCAL", plan.gradientsLocal()));
        lines.add(define("DENSE_LOCAL", plan.dense().localFloats()));
        lines.add(define("TILE", TilesPlan.TILE));
        lines.add(define("TILE_INPUTS", TilesPlan.TILE_INPUTS));
        lines.add(define("TILE_OUTPUTS", plan.tileOutputs()));
        lines.add(define("CHUNK", TilesPlan.CHUNK));
        lines.add(macro("STEP_FORWARD", calls.forward()));
        lines.add(macro("STEP_DENSE", new DenseCalls(plan).all()));
        if (plan.layers().convsWithGradient().length > 0) {
            lines.add(macro("STEP_BACKWARD", calls.backward()));
        }
        lines.add(macro("STEP_GRADIENTS", calls.gradients()));
        lines.add(macro("ADD_PARTIALS", calls.weights()));
        return lines;
    }

    /** Functions of each convolution, and the kernels. The layers' functions stand once more, for groups of another size. */
    List<String> files() {
        List<String> lines = new ArrayList<>();
        for (int k : plan.layers().convs()) {
            lines.addAll(named("_" + k, LOCAL));
            lines.addAll(tile(k));
            lines.add(include("fused/tiles/convolution"));
        }
        lines.add(include("fused/tiles/tiles"));
        lines.addAll(redefine("GROUP", "DENSE_GROUP"));
        lines.addAll(named("_dense", LOCAL));
        lines.add(include("fused/images/layers"));
        lines.add(include("fused/tiles/dense"));
        lines.addAll(redefine("GROUP", plan.target().group()));
        return lines;
    }

    private List<String> tile(int k) {
        Shape in = plan.layers().placed(k).input();
        ConvTile tile = plan.tile(k);
        List<String> lines = new ArrayList<>();
        lines.addAll(redefine("IN_MAPS", in.extent(0)));
        lines.addAll(redefine("IN_H", in.extent(1)));
        lines.addAll(redefine("IN_W", in.extent(2)));
        lines.addAll(redefine("OUT_MAPS", plan.layers().placed(k).output().extent(0)));
        lines.addAll(redefine("FORWARD_MAPS", tile.forwardMaps()));
        lines.add(undefine("FORWARD_ROWS"));
        if (plan.layers().isPooled(k)) {
            lines.add(define("FORWARD_ROWS", tile.forwardRows()));
        }
        lines.add(undefine("BACKWARD_MAPS"));
        if (k > plan.layers().firstLearning()) {
            lines.add(define("BACKWARD_MAPS", tile.backwardMaps()));
        }
        lines.addAll(redefine("GRADIENT_MAPS", tile.gradientMaps()));
        lines.addAll(redefine("RUNS", tile.runs()));
        return lines;
    }
}
