package lenet5.nn;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import lenet5.nn.Layer.AveragePool2x2;
import lenet5.nn.Layer.Conv5x5;
import lenet5.nn.Layer.Dense;
import lenet5.nn.Layer.Flatten;
import lenet5.nn.Layer.Tanh;

/** The networks known by name. */
public final class Models {

    private static final Map<String, Supplier<Network>> BY_NAME = Map.of("lenet5", Models::lenet5);

    private Models() {}

    /**
     * LeNet-5 as it is usually taught: plain average pooling, C3 connected to every map, softmax outputs; 61,706
     * parameters. The paper's own variant (LeCun, Bottou, Bengio and Haffner, 1998, section II.B) differs in those three.
     */
    public static Network lenet5() {
        return new Network(
                "lenet5",
                Shape.of(1, 32, 32),
                List.of(
                        new Conv5x5(6),
                        new Tanh(),
                        new AveragePool2x2(),
                        new Conv5x5(16),
                        new Tanh(),
                        new AveragePool2x2(),
                        new Flatten(),
                        new Dense(120),
                        new Tanh(),
                        new Dense(84),
                        new Tanh(),
                        new Dense(10)));
    }

    /** The names {@link #named} knows. */
    public static Set<String> names() {
        return BY_NAME.keySet();
    }

    /**
     * The network of that name.
     *
     * @throws IllegalArgumentException listing the known names, if there is none
     */
    public static Network named(String name) {
        Supplier<Network> model = BY_NAME.get(name);
        if (model == null) {
            throw new IllegalArgumentException("unknown model '" + name + "', expected one of " + names());
        }
        return model.get();
    }
}
