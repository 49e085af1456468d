// The model in TensorFlow.js, on the active backend.
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import * as tf from "@tensorflow/tfjs-core";
import { RATE, channelsLast, featureMaps, transposed } from "../model.js";
import { conv2d, upsample } from "./tfjs-convolution.js";

/** x/2 (1 + erf(x/√2)): TensorFlow.js has no GELU. */
const gelu = (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

/**
 * x·W. The WebGPU backend's product by a transposed matrix, in the gradient for x, is wrong for sums of 4,096 terms, so the
 * matrix is transposed before the product.
 */
const wideProduct = tf.customGrad((x, kernel, save) => {
  save([x, kernel]);
  const gradFunc = (dy, [x, kernel]) => [
    tf.matMul(dy, tf.transpose(kernel)),
    tf.matMul(x, dy, true, false),
  ];
  return { value: tf.matMul(x, kernel), gradFunc };
});

/**
 * `synchronous`: whether results are read synchronously, which is faster on CPU backends. `only` loads the encoder or
 * the decoder alone.
 */
export function load(size, layers, synchronous, { only = "" } = {}) {
  const read = (tensor) => (synchronous ? tensor.dataSync() : tensor.data());
  const variables = new Map();
  for (const layer of layers) {
    const { name, out, in: inputs, taps, weight, bias } = layer;
    if (!name.startsWith(only)) continue;
    const kernel = taps
      ? tf.tensor4d(channelsLast(weight, layer), [3, 3, inputs, out])
      : tf.tensor2d(transposed(weight, out, inputs), [inputs, out]);
    variables.set(name, { kernel: tf.variable(kernel), bias: tf.variable(tf.tensor1d(bias)) });
  }
  const linear = (x, name, activation = "linear") => {
    const { kernel, bias } = variables.get(name);
    return tf.fused.matMul({ a: x, b: kernel, bias, activation });
  };
  const hidden = (x, part, widths) => {
    const relu = size.activation === "relu";
    return widths.reduce((h, _, i) => {
      const out = linear(h, `${part}.layers.${i}`, relu ? "relu" : "linear");
      return relu ? out : gelu(out);
    }, x);
  };
  const maps = featureMaps(size);
  const convolution = (x, name, stride) => {
    const { kernel, bias } = variables.get(name);
    return tf.add(conv2d(x, kernel, stride), bias);
  };
  /** The innermost feature map; without convolutions the image. */
  const features = (x) => {
    if (!maps.length) return x;
    const inner = maps.slice(1).reduce(
      (h, _, i) => tf.relu(convolution(h, `encoder.convolutions.${i}`, 2)),
      tf.reshape(x, [-1, ...maps[0]]),
    );
    return tf.reshape(inner, [x.shape[0], -1]);
  };
  /** The image of the last hidden layer. */
  const output = (h) => {
    if (!maps.length) return linear(h, "decoder.output");
    const name = `decoder.layers.${size.decoder.length}`;
    const wide = () => tf.add(wideProduct(h, variables.get(name).kernel), variables.get(name).bias);
    const inner = tf.relu(tf.getBackend() === "webgpu" ? wide() : linear(h, name));
    let map = tf.reshape(inner, [-1, ...maps.at(-1)]);
    for (let i = 0; i < maps.length - 2; i++) {
      map = tf.relu(convolution(upsample(map), `decoder.convolutions.${i}`, 1));
    }
    const image = convolution(upsample(map), "decoder.output", 1);
    return tf.reshape(image, [h.shape[0], -1]);
  };
  const encoded = (x) => {
    const h = hidden(features(x), "encoder", size.encoder);
    return [linear(h, "encoder.mu"), linear(h, "encoder.log_var")];
  };
  const logits = (z) => output(hidden(z, "decoder", size.decoder));

  const adam = tf.train.adam(RATE, 0.9, 0.999, 1e-8);
  /** −ELBO, averaged over the batch. */
  const loss = (x, noise) => {
    const [mu, logVar] = encoded(x);
    const z = tf.add(mu, tf.mul(tf.exp(tf.mul(logVar, 0.5)), noise));
    const l = logits(z);
    // −log p(x|z), by max(l, 0) − l·x + log(1 + e^−|l|).
    const pixels = tf.add(tf.sub(tf.relu(l), tf.mul(l, x)), tf.log1p(tf.exp(tf.neg(tf.abs(l)))));
    const kl = tf.mul(tf.sub(tf.add(tf.exp(logVar), tf.square(mu)), tf.add(logVar, 1)), 0.5);
    return tf.div(tf.add(tf.sum(pixels), tf.sum(kl)), x.shape[0]);
  };
  const rows = (values, width) => tf.tensor2d(values, [values.length / width, width]);
  const reading = async (make) => {
    const tensor = tf.tidy(make);
    const values = await read(tensor);
    tensor.dispose();
    return values;
  };
  return {
    decode: (z) => reading(() => tf.sigmoid(logits(rows(z, size.latent)))),
    // One read for both, because each is slow on a GPU.
    encode: (x) => reading(() => tf.concat(encoded(rows(x, size.input)), 1)),
    step: async (x, noise) => {
      const cost = tf.tidy(() => {
        const [images, eps] = [rows(x, size.input), rows(noise, size.latent)];
        return adam.minimize(() => loss(images, eps), true);
      });
      const value = (await read(cost))[0];
      cost.dispose();
      return value;
    },
    free: () => {
      adam.dispose();
      for (const { kernel, bias } of variables.values()) tf.dispose([kernel, bias]);
    },
  };
}

/** Total size of all tensors in bytes. */
export const tensorBytes = () => tf.memory().numBytes;
export { tf };
