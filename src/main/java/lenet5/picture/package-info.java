/** A user's own pictures, made into images as MNIST has them. */
package lenet5.picture;
