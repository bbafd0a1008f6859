/** The comparison of engines on this machine: which there are, whether they are right, how fast, and what is possible. */
package lenet5.bench;
