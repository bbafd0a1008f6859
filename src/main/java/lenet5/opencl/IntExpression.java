package lenet5.opencl;

/** Sums and products of whole numbers, as the extents of work-groups are written. */
final class IntExpression {

    private final String text;
    private int at;

    private IntExpression(String text) {
        this.text = text.replaceAll("\\s", "");
    }

    /**
     * The value of {@code text}.
     *
     * @throws IllegalArgumentException if it is anything but numbers, {@code + - *} and parentheses
     * @throws ArithmeticException if it is too large
     */
    static long evaluate(String text) {
        IntExpression expression = new IntExpression(text);
        long value = expression.sum();
        if (expression.at < expression.text.length()) {
            throw expression.unexpected();
        }
        return value;
    }

    private IllegalArgumentException unexpected() {
        return new IllegalArgumentException("'" + text + "' is not made of whole numbers, +, -, * and parentheses");
    }

    /** Whether the next character is {@code expected}, which is passed then. */
    private boolean takes(char expected) {
        boolean found = at < text.length() && text.charAt(at) == expected;
        at += found ? 1 : 0;
        return found;
    }

    private long sum() {
        long value = product();
        while (true) {
            if (takes('+')) {
                value = Math.addExact(value, product());
            } else if (takes('-')) {
                value = Math.subtractExact(value, product());
            } else {
                return value;
            }
        }
    }

    private long product() {
        long value = factor();
        while (takes('*')) {
            value = Math.multiplyExact(value, factor());
        }
        return value;
    }

    private long factor() {
        if (takes('-')) {
            return -factor();
        }
        if (takes('(')) {
            long value = sum();
            if (!takes(')')) {
                throw unexpected();
            }
            return value;
        }
        int first = at;
        while (at < text.length() && Character.isDigit(text.charAt(at))) {
            at++;
        }
        if (at == first || at > first + 18) {
            throw unexpected();
        }
        return Long.parseLong(text.substring(first, at));
    }
}
