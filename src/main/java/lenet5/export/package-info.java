/** Models in the formats of other programs: ONNX, PyTorch's state, Keras 3. */
package lenet5.export;
