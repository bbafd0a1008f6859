package lenet5.export;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import lenet5.data.Normalization;
import lenet5.nn.Layer;
import lenet5.nn.Network;
import lenet5.nn.Network.Placed;
import lenet5.nn.Parameter;
import lenet5.nn.Shape;
import lenet5.train.Model;

/** A model as an ONNX graph: a chain of nodes from the image to the probabilities. */
final class OnnxGraph {

    /** The lowest version whose Softmax takes one axis; ONNX Runtime has it since 1.6. */
    private static final int OPERATOR_SET = 13;
    /** The version of the file format that came with that operator set. */
    private static final int IR_VERSION = 7;

    private static final String IMAGE = "image";
    private static final String PROBABILITIES = "probabilities";

    private final GraphProto.Builder graph = GraphProto.newBuilder();
    private final String normalization;
    /** The output of the node added last. */
    private String value = IMAGE;

    OnnxGraph(Model model) {
        Network network = model.parameters().network();
        InputImage image = InputImage.of(network.input());
        float mean = model.normalization().mean();
        this.normalization =
                "in the graph: " + image.padding() + " zeros on each side, / " + Normalization.WHITE + ", - " + mean;
        graph.setName(network.name()).addInput(describe(IMAGE, image.shape()));
        if (image.padding() > 0) {
            int p = image.padding();
            addNode("Pad", "padded", addIntegers("padding", 0, 0, p, p, 0, 0, p, p));
        }
        addNode("Div", "scaled", addFloats("white", Shape.of(1), Normalization.WHITE));
        addNode("Sub", "normalized", addFloats("mean", Shape.of(1), mean));
        for (Parameter parameter : network.parameters()) {
            addFloats(parameter.name(), parameter.shape(), model.parameters().view(parameter));
        }
        network.layers().forEach(this::addLayer);
        addNode("Softmax", PROBABILITIES).addAttribute(integer("axis", 1));
        graph.addOutput(describe(PROBABILITIES, Shape.of(network.classes())));
    }

    byte[] encode() {
        return ModelProto.newBuilder()
                .setIrVersion(IR_VERSION)
                .setProducerName("lenet5-opencl")
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(OPERATOR_SET))
                .setDocString("Takes grey pixels from 0, background, to 255, ink; gives each class's probability.")
                .addMetadataProps(StringStringEntryProto.newBuilder()
                        .setKey("normalization")
                        .setValue(normalization))
                .setGraph(graph)
                .build()
                .toByteArray();
    }

    private void addLayer(Placed placed) {
        String output = "layer" + placed.index();
        String[] learned = placed.parameters().stream().map(Parameter::name).toArray(String[]::new);
        placed.layer().accept(new Layer.Visitor<NodeProto.Builder>() {
            @Override
            public NodeProto.Builder conv5x5(Layer.Conv5x5 layer) {
                return addNode("Conv", output, learned);
            }

            @Override
            public NodeProto.Builder averagePool2x2(Layer.AveragePool2x2 layer) {
                int window = Layer.AveragePool2x2.WINDOW;
                return addNode("AveragePool", output)
                        .addAttribute(integers("kernel_shape", window, window))
                        .addAttribute(integers("strides", window, window));
            }

            @Override
            public NodeProto.Builder tanh(Layer.Tanh layer) {
                addFactor(layer.activation().slope(), output + "_slope");
                NodeProto.Builder tanh = addNode("Tanh", output);
                addFactor(layer.activation().amplitude(), output + "_amplitude");
                return tanh;
            }

            @Override
            public NodeProto.Builder flatten(Layer.Flatten layer) {
                return addNode("Flatten", output);
            }

            @Override
            public NodeProto.Builder dense(Layer.Dense layer) {
                return addNode("Gemm", output, learned).addAttribute(integer("transB", 1));
            }
        });
    }

    /** Multiplies the last node's output by {@code factor} unless that is 1. */
    private void addFactor(float factor, String name) {
        if (factor != 1) {
            addNode("Mul", name, addFloats(name + "_factor", Shape.of(1), factor));
        }
    }

    /** Appends a node that takes the last one's output and {@code more}. */
    private NodeProto.Builder addNode(String operator, String output, String... more) {
        NodeProto.Builder node = graph.addNodeBuilder()
                .setOpType(operator)
                .setName(output)
                .addInput(value)
                .addAllInput(Arrays.asList(more))
                .addOutput(output);
        value = output;
        return node;
    }

    private String addFloats(String name, Shape shape, float value) {
        return addFloats(name, shape, FloatBuffer.wrap(new float[] {value}));
    }

    private String addFloats(String name, Shape shape, FloatBuffer values) {
        ByteBuffer bytes = ByteBuffer.allocate(shape.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        TensorProto.Builder tensor = graph.addInitializerBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.FLOAT.getNumber())
                .setRawData(ByteString.copyFrom(bytes));
        shape.dimensions().forEach(tensor::addDims);
        return name;
    }

    private String addIntegers(String name, long... values) {
        TensorProto.Builder tensor = graph.addInitializerBuilder()
                .setName(name)
                .setDataType(TensorProto.DataType.INT64.getNumber())
                .addDims(values.length);
        Arrays.stream(values).forEach(tensor::addInt64Data);
        return name;
    }

    private static AttributeProto integer(String name, long value) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value)
                .build();
    }

    private static AttributeProto integers(String name, long... values) {
        AttributeProto.Builder attribute =
                AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
        Arrays.stream(values).forEach(attribute::addInts);
        return attribute.build();
    }

    /** A batch of any size of float tensors. */
    private static ValueInfoProto describe(String name, Shape item) {
        TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
        shape.addDimBuilder().setDimParam("batch");
        item.dimensions().forEach(extent -> shape.addDimBuilder().setDimValue(extent));
        TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder()
                .setElemType(TensorProto.DataType.FLOAT.getNumber())
                .setShape(shape);
        return ValueInfoProto.newBuilder()
                .setName(name)
                .setType(TypeProto.newBuilder().setTensorType(tensor))
                .build();
    }
}
