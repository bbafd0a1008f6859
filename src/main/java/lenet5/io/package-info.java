/** Files this program keeps: where its cache is, and writes that are seen whole or not at all. */
package lenet5.io;
