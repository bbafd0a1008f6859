package lenet5.opencl.fused.kernels;

import static lenet5.opencl.fused.plan.SourceText.define;
import static lenet5.opencl.fused.plan.SourceText.include;
import static lenet5.opencl.fused.plan.SourceText.macro;
import static lenet5.opencl.fused.plan.SourceText.named;

import java.util.ArrayList;
import java.util.List;
import lenet5.nn.Loss;
import lenet5.opencl.Source;
import lenet5.opencl.fused.block.BlockCalls;
import lenet5.opencl.fused.block.BlockPlan;
import lenet5.opencl.fused.plan.KernelCalls;
import lenet5.opencl.fused.plan.StepPlan;

/**
 * Writes a network's fused kernels: the bodies as macros, a call a layer with its extents and places as literals, and around
 * them the functions and kernels of the variant's files.
 */
public final class FusedSource {

    private FusedSource() {}

    /** The kernels that train and evaluate a network as the two plans of it say. */
    public static Source of(StepPlan step, BlockPlan evaluation) {
        String name = "kernels/" + step.target().kernels() + ".cl for network "
                + step.network().name();
        return new Source(name, text(step, evaluation));
    }

    private static String text(StepPlan step, BlockPlan evaluation) {
        KernelCalls calls = new KernelCalls();
        int lanes = step.target().lanes();
        boolean global = step.sharesGlobalMemory() || evaluation.spills();
        List<String> lines = new ArrayList<>();
        lines.add("#define PROGRAM"); // the files' own examples are not needed
        lines.add(define("STEP_LOCAL", Math.max(1, step.localFloats())));
        lines.add(define("STEP_BLOCK", step.blockFloats()));
        lines.add(define("STEP_WEIGHT_GROUPS", step.weightGroups()));
        lines.add(define("EVALUATE_LOCAL", Math.max(1, evaluation.localFloats())));
        lines.add(define("EVALUATE_BLOCK", evaluation.block().floats()));
        lines.add(define("FENCE", global ? "(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)" : "CLK_LOCAL_MEM_FENCE"));
        Loss loss = step.network().loss();
        lines.add(define("CONSTANT_LOGIT", loss.hasConstant() ? loss.constantLogit() + "f" : "-INFINITY"));
        lines.addAll(step.bodies(calls));
        lines.add(macro("EVALUATE_IMAGES", new BlockCalls(calls, evaluation).all()));
        lines.addAll(step.updateBody());
        lines.add(define("LANES", lanes));
        lines.add(define("REAL", "float" + (lanes == 1 ? "" : lanes)));
        lines.add(include("common/tanh_rational"));
        lines.add(include("common/input_pixel"));
        lines.add(include("fused/common"));
        calls.spaces().forEach((ending, spaces) -> {
            lines.addAll(named(ending, spaces));
            step.target().layers().forEach(file -> lines.add(include(file)));
        });
        lines.addAll(step.files());
        lines.add(include(step.target().kernels()));
        return String.join("\n", lines);
    }
}
