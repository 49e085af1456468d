// The model in jax-js, on the default device; a training step is one compiled function.
import { jit, lax, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { RATE, featureMaps, transposed } from "../model.js";

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

/** A 3×3 convolution with a border of one zero, channels first. */
function convolution(parameters, x, name, stride) {
  const padding = [[1, 1], [1, 1]];
  const y = lax.convGeneralDilated(x, parameters[`${name}.weight`], [stride, stride], padding);
  return y.add(parameters[`${name}.bias`].reshape([1, -1, 1, 1]));
}

/** Doubles rows and columns by nearest-neighbour upsampling, channels first. */
function upsample(x) {
  const [n, channels, rows, columns] = x.shape;
  const apart = x.reshape([n, channels, rows, 1, columns, 1]);
  const repeated = np.broadcastTo(apart, [n, channels, rows, 2, columns, 2]);
  return repeated.reshape([n, channels, 2 * rows, 2 * columns]);
}

/**
 * `synchronous`: whether results are read synchronously, which is faster on a CPU. `only` loads the encoder or the decoder
 * alone.
 */
export async function load(size, layers, synchronous, { only = "" } = {}) {
  const array = (values, shape) => np.array(new Float32Array(values), { shape });
  const initial = {};
  for (const { name, out, in: inputs, taps, weight, bias } of layers) {
    if (!name.startsWith(only)) continue;
    initial[`${name}.weight`] = taps
      ? array(weight, [out, inputs, 3, 3])
      : array(transposed(weight, out, inputs), [inputs, out]);
    initial[`${name}.bias`] = array(bias, [out]);
  }

  const activation =
    size.activation === "relu" ? (x) => nn.relu(x) : (x) => nn.gelu(x, { approximate: false });
  const linear = (parameters, x, name) =>
    np.matmul(x, parameters[`${name}.weight`]).add(parameters[`${name}.bias`]);
  const hidden = (parameters, x, part, widths) =>
    widths.reduce((h, _, i) => activation(linear(parameters, h, `${part}.layers.${i}`)), x);

  const maps = featureMaps(size);
  /** Rows of `[rows, columns, channels]`, as those of the other libraries, to channels first, and back. */
  const channelsFirst = (x, [rows, columns, channels]) =>
    np.transpose(x.reshape([-1, rows, columns, channels]), [0, 3, 1, 2]);
  const toRows = (x) => {
    const n = x.shape[0];
    return np.transpose(x, [0, 2, 3, 1]).reshape([n, -1]);
  };
  const features = (parameters, x) => {
    if (!maps.length) return x;
    const inner = maps.slice(1).reduce(
      (h, _, i) => activation(convolution(parameters, h, `encoder.convolutions.${i}`, 2)),
      channelsFirst(x, maps[0]),
    );
    return toRows(inner);
  };
  const output = (parameters, h) => {
    if (!maps.length) return linear(parameters, h, "decoder.output");
    const inner = activation(linear(parameters, h, `decoder.layers.${size.decoder.length}`));
    let map = channelsFirst(inner, maps.at(-1));
    for (let i = 0; i < maps.length - 2; i++) {
      map = activation(convolution(parameters, upsample(map), `decoder.convolutions.${i}`, 1));
    }
    return toRows(convolution(parameters, upsample(map), "decoder.output", 1));
  };
  const logits = (parameters, z) => output(parameters, hidden(parameters, z, "decoder", size.decoder));
  const encoded = (parameters, x) => {
    const h = hidden(parameters, features(parameters, x), "encoder", size.encoder);
    return [linear(parameters, h.ref, "encoder.mu"), linear(parameters, h, "encoder.log_var")];
  };

  const decoding = jit((parameters, z) => nn.sigmoid(logits(parameters, z)));
  const encoding = jit((parameters, x) => np.concatenate(encoded(parameters, x), 1));
  /** −ELBO, summed over the batch. */
  const loss = (parameters, x, noise) => {
    const [mu, logVar] = encoded(parameters, x.ref);
    const z = mu.ref.add(np.exp(logVar.ref.mul(0.5)).mul(noise));
    const l = logits(parameters, z);
    const reconstruction = nn.softplus(l.ref).sub(x.mul(l)).sum();
    const kl = logVar.ref.add(1).sub(np.square(mu)).sub(np.exp(logVar)).sum().mul(-0.5);
    return reconstruction.add(kl);
  };
  const lossAndGradient = valueAndGrad(loss);
  /** `first` and `second` are the moments of Adam, and the last three arguments bias corrections and 1/n. */
  const stepping = jit((parameters, first, second, x, noise, firstScale, secondScale, share) => {
    const [value, gradients] = lossAndGradient(tree.ref(parameters), x, noise);
    const [newFirst, newSecond, newParameters] = [{}, {}, {}];
    for (const name of Object.keys(parameters)) {
      const gradient = gradients[name].mul(share.ref);
      const m = first[name].mul(BETA_1).add(gradient.ref.mul(1 - BETA_1));
      const v = second[name].mul(BETA_2).add(np.square(gradient).mul(1 - BETA_2));
      const change = m.ref
        .mul(firstScale.ref)
        .div(np.sqrt(v.ref.mul(secondScale.ref)).add(EPSILON))
        .mul(RATE);
      newParameters[name] = parameters[name].sub(change);
      [newFirst[name], newSecond[name]] = [m, v];
    }
    firstScale.dispose();
    secondScale.dispose();
    return [value.mul(share), newParameters, newFirst, newSecond];
  });

  let [parameters, first, second, steps] = [initial, null, null, 0];
  const rows = (values, width) => array(values, [values.length / width, width]);
  const read = (result) => (synchronous ? result.dataSync() : result.data());
  /** The parameters of one network; a call consumes its arguments. */
  const part = (name) =>
    Object.fromEntries(
      Object.entries(parameters)
        .filter(([key]) => key.startsWith(name))
        .map(([key, value]) => [key, value.ref]),
    );
  const zeros = () =>
    Object.fromEntries(
      Object.entries(initial).map(([name, value]) => [name, np.zeros(value.shape)]),
    );
  return {
    decode: async (z) => read(decoding(part("decoder"), rows(z, size.latent))),
    encode: async (x) => read(encoding(part("encoder"), rows(x, size.input))),
    step: async (x, noise) => {
      first ??= zeros();
      second ??= zeros();
      steps += 1;
      let value;
      [value, parameters, first, second] = stepping(
        parameters,
        first,
        second,
        rows(x, size.input),
        rows(noise, size.latent),
        np.array(1 / (1 - BETA_1 ** steps)),
        np.array(1 / (1 - BETA_2 ** steps)),
        np.array(size.input / x.length),
      );
      return (await read(value))[0];
    },
    free: () => {},
  };
}
