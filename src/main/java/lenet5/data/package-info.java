/** Where images come from: IDX files, MNIST from disk or download. */
package lenet5.data;
