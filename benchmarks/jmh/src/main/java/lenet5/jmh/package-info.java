/** Benchmarks of every operation, of training steps and of epochs, on every engine. */
package lenet5.jmh;
