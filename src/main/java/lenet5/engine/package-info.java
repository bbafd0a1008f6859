/** The trainer's view of a place to compute: one network there, whole epochs at a time. */
package lenet5.engine;
