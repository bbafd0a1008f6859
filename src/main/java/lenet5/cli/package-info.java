/** The command line: one class a command, and the only place that chooses an engine. */
package lenet5.cli;
