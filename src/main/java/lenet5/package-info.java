/** The main class. */
package lenet5;
