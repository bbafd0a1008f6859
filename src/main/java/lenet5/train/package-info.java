/** Training, its options and records, and the files that keep what was learned. */
package lenet5.train;
