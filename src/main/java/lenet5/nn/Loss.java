package lenet5.nn;

/**
 * Softmax cross-entropy over a network's logits z and one more that is the same for all images: {@code log(exp(constant) + sum
 * over k of exp(z[k])) - z[label]}. With scores {@code z = -distance} and {@code constant = -j} it is the criterion of LeCun,
 * Bottou, Bengio and Haffner (1998), eq. 9, whose further class is that of everything that is no digit.
 *
 * @param constantLogit the one more; minus infinity for none
 */
public record Loss(float constantLogit) {

    /** Without a further logit. */
    public static final Loss SOFTMAX_CROSS_ENTROPY = new Loss(Float.NEGATIVE_INFINITY);

    /**
     * Checks the logit.
     *
     * @throws IllegalArgumentException if it is NaN or plus infinity
     */
    public Loss {
        if (!(constantLogit < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "constant logit " + constantLogit + ", expected a finite number or minus infinity");
        }
    }

    public boolean hasConstant() {
        return constantLogit > Float.NEGATIVE_INFINITY;
    }
}
