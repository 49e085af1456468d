// Writes decoder and encoder as ONNX models, encoding the protobuf messages by hand.

const utf8 = new TextEncoder();

/** A protobuf varint: seven bits per byte. */
function varint(value) {
  const bytes = [];
  do {
    bytes.push((value % 128) | (value > 127 ? 128 : 0));
    value = Math.floor(value / 128);
  } while (value);
  return Uint8Array.from(bytes);
}

function joined(parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Fields of a message: integers, strings and bytes. */
const number = (field, value) => joined([varint(8 * field), varint(value)]);
const bytes = (field, value) => joined([varint(8 * field + 2), varint(value.length), value]);
const string = (field, value) => bytes(field, utf8.encode(value));

/** AttributeProto: an integer. */
const integer = (name, value) => joined([string(1, name), number(3, value), number(20, 2)]);

/** NodeProto. */
const node = (operator, inputs, output, attributes = []) =>
  joined([
    ...inputs.map((input) => string(1, input)),
    string(2, output),
    string(4, operator),
    ...attributes.map((attribute) => bytes(5, attribute)),
  ]);

/** TensorProto of single precision. */
const tensor = (name, shape, values) =>
  joined([
    ...shape.map((length) => number(1, length)),
    number(2, 1),
    string(8, name),
    bytes(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  ]);

/** ValueInfoProto: `[n, width]` of single precision. */
function value(name, width) {
  const shape = joined([bytes(1, string(2, "n")), bytes(1, number(1, width))]);
  return joined([string(1, name), bytes(2, bytes(1, joined([number(1, 1), bytes(2, shape)])))]);
}

/** ModelProto of one graph, with operator set 13, which has Erf and Gemm. */
function model(nodes, tensors, input, output) {
  const graph = joined([
    ...nodes.map((part) => bytes(1, part)),
    string(2, "vae"),
    ...tensors.map((part) => bytes(5, part)),
    bytes(11, value(...input)),
    bytes(12, value(...output)),
  ]);
  return joined([number(1, 8), bytes(7, graph), bytes(8, joined([string(1, ""), number(2, 13)]))]);
}

/** Collects nodes and tensors of a graph. */
class Graph {
  nodes = [];
  tensors = [];
  last = 0;

  constructor(layers) {
    this.layers = new Map(layers.map((layer) => [layer.name, layer]));
  }

  add(operator, inputs, output = `v${++this.last}`, attributes) {
    this.nodes.push(node(operator, inputs, output, attributes));
    return output;
  }

  constant(name, value) {
    this.tensors.push(tensor(name, [], Float32Array.of(value)));
    return name;
  }

  linear(x, name) {
    const { weight, bias, out, in: inputs } = this.layers.get(name);
    this.tensors.push(tensor(`${name}.weight`, [out, inputs], weight), tensor(`${name}.bias`, [out], bias));
    return this.add("Gemm", [x, `${name}.weight`, `${name}.bias`], undefined, [integer("transB", 1)]);
  }

  /** Hidden layers. The runtime fuses these five operators into one GELU. */
  hidden(x, part, { activation, [part]: widths }) {
    if (activation === "gelu") {
      this.constant("root", Math.SQRT2);
      this.constant("one", 1);
      this.constant("half", 0.5);
    }
    return widths.reduce((h, _, i) => {
      const a = this.linear(h, `${part}.layers.${i}`);
      if (activation === "relu") return this.add("Relu", [a]);
      const twice = this.add("Add", [this.add("Erf", [this.add("Div", [a, "root"])]), "one"]);
      return this.add("Mul", [this.add("Mul", [a, twice]), "half"]);
    }, x);
  }
}

/** From z to means. */
export function decoder(size, layers) {
  const graph = new Graph(layers);
  const logits = graph.linear(graph.hidden("z", "decoder", size), "decoder.output");
  graph.add("Sigmoid", [logits], "out");
  return model(graph.nodes, graph.tensors, ["z", size.latent], ["out", size.input]);
}

/** From x to μ and log σ², concatenated. */
export function encoder(size, layers) {
  const graph = new Graph(layers);
  const hidden = graph.hidden("x", "encoder", size);
  const heads = ["encoder.mu", "encoder.log_var"].map((name) => graph.linear(hidden, name));
  graph.add("Concat", heads, "out", [integer("axis", 1)]);
  return model(graph.nodes, graph.tensors, ["x", size.input], ["out", 2 * size.latent]);
}
