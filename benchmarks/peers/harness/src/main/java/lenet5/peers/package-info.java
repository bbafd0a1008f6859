/** The comparison with other libraries: one process each, checked first, then timed in turn. */
package lenet5.peers;
