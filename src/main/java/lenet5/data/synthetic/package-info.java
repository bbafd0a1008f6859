/** Digits that this program draws by itself, for machines without MNIST. */
package lenet5.data.synthetic;
