/** Files, written so that a reader never sees half of one. */
package lenet5.io;
