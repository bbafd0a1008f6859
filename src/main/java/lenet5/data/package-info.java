/** Where images come from: IDX files, MNIST from disk or download, synthetic digits, a user's own pictures. */
package lenet5.data;
