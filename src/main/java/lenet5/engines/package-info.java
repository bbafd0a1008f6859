/** The one list of what runs here: which engines there are, which one is best, and how each is opened. */
package lenet5.engines;
