/** Training: the trainer and its options, metrics, checkpoints and model files. */
package lenet5.train;
