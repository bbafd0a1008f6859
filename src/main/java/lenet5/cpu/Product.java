package lenet5.cpu;

/**
 * A matrix product {@code y[j, q] += sum over k of w[j, k] x[k, q]}, where w is read one number at a time and x, y one
 * <em>column</em> at a time: {@link Arithmetic#lanes} neighbouring floats. The columns q of a row lie side by side, and so do
 * the numbers of a row of w. A dense layer's passes are all of this form; they differ in where operands lie.
 *
 * @param rows number of j
 * @param columns number of q
 * @param depth number of k
 * @param wRow distance of rows in w
 * @param xDepth distance of the depth's elements in x
 * @param yRow distance of rows in y
 */
record Product(int rows, int columns, int depth, int wRow, int xDepth, int yRow) {}
