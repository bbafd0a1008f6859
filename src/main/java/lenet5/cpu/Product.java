package lenet5.cpu;

/**
 * The index pattern of a matrix product {@code y[j, q] += sum over k of w[j, k] x[k, q]}, where w is read one number at a
 * time and x, y one <em>column</em> at a time: {@link Arithmetic#lanes} neighbouring floats. Convolutions and dense layers,
 * forward and backward, are all of this form; they differ in where operands lie.
 *
 * @param rows number of j
 * @param run columns that lie side by side in x and in y: the number of q is a multiple of it
 * @param wRow distance of rows in w
 * @param wDepth where k lies in w
 * @param xDepth where k lies in x
 * @param xColumn where q lies in x, the first of its floats
 * @param yRow distance of rows in y
 * @param yColumn where q lies in y
 */
record Product(int rows, int run, int wRow, int[] wDepth, int[] xDepth, int[] xColumn, int yRow, int[] yColumn) {

    int depth() {
        return xDepth.length;
    }

    int columns() {
        return xColumn.length;
    }

    /** {@code count} multiples of {@code distance}, from 0. */
    static int[] multiples(int count, int distance) {
        int[] offsets = new int[count];
        for (int i = 0; i < count; i++) {
            offsets[i] = i * distance;
        }
        return offsets;
    }
}
