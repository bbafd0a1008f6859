package lenet5.opencl.fused.plan;

import static lenet5.opencl.fused.plan.Knob.Limit.DEVICE_GROUP;
import static lenet5.opencl.fused.plan.Knob.Limit.REGISTERS;
import static lenet5.opencl.fused.plan.Knob.Limit.registersOver;

import lenet5.opencl.fused.plan.Knob.Limit;
import lenet5.opencl.fused.plan.Knob.Use;

/** The knobs of the layers' functions, which all variants have: see {@code layers.cl} of the families. */
public final class LayerKnobs {

    /** Work-items of a group that works on images. */
    public static final Knob GROUP =
            Knob.of("GROUP", Use.MACRO, 32, 64, 128, 256, 512, 1024).within(DEVICE_GROUP);

    /** Work-items of a group that updates weights. */
    public static final Knob WEIGHTS_GROUP =
            Knob.of("WEIGHTS_GROUP", Use.MACRO, 32, 64, 128, 256).within(DEVICE_GROUP);

    /** Maps that a work-item of a convolution computes at once, at most. */
    public static final Knob MAX_MAPS = Knob.of("MAX_MAPS", Use.BOUND, 1, 2, 3, 4, 6, 8);

    /** Neighbouring pixels of each that it computes at once, at most. */
    public static final Knob MAX_PIXELS =
            Knob.of("MAX_PIXELS", Use.BOUND, 1, 2, 4, 5, 7, 10, 14).within(registersOver(MAX_MAPS));

    /** Outputs, or on the way back inputs, of a dense layer that a work-item computes at once. */
    public static final Knob MAX_ROWS =
            Knob.of("MAX_ROWS", Use.MACRO, 4, 8, 12, 16, 20, 24).within(REGISTERS);

    /** Vectors of inputs by which it forms the gradient by a dense layer's weights at once, at most. */
    public static final Knob MAX_COLUMNS = Knob.of("MAX_COLUMNS", Use.MACRO, 1, 2, 3, 4, 5, 8);

    /** Outputs of a dense layer whose weights by one input a work-item owns, at most. */
    public static final Knob MAX_OUTPUTS =
            Knob.of("MAX_OUTPUTS", Use.BOUND, 1, 2, 4, 6, 8).within(registersOver(MAX_COLUMNS));

    /** Work-items that divide the sum of an output of a dense layer among them. */
    public static final Knob PARTS = Knob.of("PARTS", Use.PLAN, 1, 2, 4, 8, 16, 32)
            .within(new Limit((family, device, knobs) -> knobs.get(GROUP), "group, the work-items that there are"));

    private LayerKnobs() {}
}
