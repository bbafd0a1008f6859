/** The network, described once as data: layers, shapes, flat parameters and their initial values. */
package lenet5.nn;
