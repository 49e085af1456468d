// The models, and the inputs that every contender gets. The generator is simple, so that `pytorch.py` can
// reproduce it.

/**
 * `encoder` and `decoder` are the widths of the fully connected hidden layers, from the input on; `batch` is the size of a
 * training step. `convolution` has the shape of an image and the channels of the encoder's feature maps: 3×3 convolutions
 * with stride 2, mirrored in the decoder by nearest-neighbour upsampling and a 3×3 convolution.
 */
export const SIZES = {
  // The included 16-D model.
  S: { input: 784, encoder: [256, 128], latent: 16, decoder: [128, 256], activation: "gelu", batch: 128 },
  L: { input: 784, encoder: [512, 512], latent: 20, decoder: [512, 512], activation: "relu", batch: 128 },
  C: {
    input: 32 * 32 * 3,
    convolution: { image: [32, 32, 3], channels: [32, 64] },
    encoder: [128],
    latent: 16,
    decoder: [128],
    activation: "relu",
    batch: 64,
  },
  // The included 2-D model, for the objectives only. `exact` has the images and the points of a step for log p(x); a plain
  // step has as many images as that step decodes and encodes together.
  P: {
    input: 784,
    encoder: [256, 128, 64],
    latent: 2,
    decoder: [64, 128, 256],
    activation: "gelu",
    batch: 2560,
    exact: { images: 256, points: 48 * 48 },
  },
};

/** Adam's learning rate; other constants are those of the paper. */
export const RATE = 1e-3;

/** Numbers in [0, 1), the same for the same seed: a linear congruential generator. */
function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function filled(count, next) {
  return Float32Array.from({ length: count }, next);
}

/** Rows, columns and channels of the image and of the encoder's feature maps, from the image inwards. */
export function featureMaps({ convolution }) {
  const maps = convolution ? [convolution.image] : [];
  for (const channels of convolution?.channels ?? []) {
    const [rows, columns] = maps.at(-1);
    maps.push([Math.ceil(rows / 2), Math.ceil(columns / 2), channels]);
  }
  return maps;
}

/**
 * Name, outputs and inputs of each layer, in the order of a PyTorch `state_dict`. A convolution has `taps`, the 9 positions
 * of its kernel; its inputs and outputs are channels.
 */
export function layers(size) {
  const { input, encoder, latent, decoder } = size;
  const maps = featureMaps(size);
  const found = [];
  const inner = maps.at(-1)?.reduce((a, b) => a * b);
  maps.slice(1).forEach(([, , out], i) => {
    found.push({ name: `encoder.convolutions.${i}`, out, in: maps[i][2], taps: 9 });
  });
  let width = inner ?? input;
  encoder.forEach((hidden, i) => {
    found.push({ name: `encoder.layers.${i}`, out: hidden, in: width });
    width = hidden;
  });
  found.push({ name: "encoder.mu", out: latent, in: width });
  found.push({ name: "encoder.log_var", out: latent, in: width });
  width = latent;
  [...decoder, ...(inner ? [inner] : [])].forEach((hidden, i) => {
    found.push({ name: `decoder.layers.${i}`, out: hidden, in: width });
    width = hidden;
  });
  for (let i = maps.length - 1; i > 1; i--) {
    const name = `decoder.convolutions.${maps.length - 1 - i}`;
    found.push({ name, out: maps[i - 1][2], in: maps[i][2], taps: 9 });
  }
  found.push(
    inner
      ? { name: "decoder.output", out: maps[0][2], in: maps[1][2], taps: 9 }
      : { name: "decoder.output", out: input, in: width },
  );
  return found;
}

/**
 * Layers with weights, `[out, in]` or `[out, in, 3, 3]` in row-major order, and biases: uniform in ±√(6/in), which preserves the scale of
 * the activations, so that an error in any layer is visible.
 */
export function weights(size) {
  const next = uniform(1);
  return layers(SIZES[size]).map((layer) => {
    const inputs = layer.in * (layer.taps ?? 1);
    const bound = Math.sqrt(6 / inputs);
    const symmetric = () => (2 * next() - 1) * bound;
    return {
      ...layer,
      weight: filled(layer.out * inputs, symmetric),
      bias: filled(layer.out, () => 0.1 * symmetric()),
    };
  });
}

/** Pixels of an image. */
const IMAGE = 28 * 28;
/** Bytes before the first pixel. */
const HEADER = 16;

/**
 * MNIST digits from a gzipped IDX file. Returns a function that gives the first `count` images, with pixels from 0
 * to 1; after the last image it starts again. Real digits are mostly black, which some kernels exploit.
 */
export async function digits(url) {
  const packed = (await fetch(url)).body;
  const bytes = new Uint8Array(await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
  const greys = bytes.subarray(HEADER);
  return (count) => Float32Array.from({ length: count * IMAGE }, (_, at) => greys[at % greys.length] / 255);
}

/** Colour images, `[count, input]`, with values from 0 to 1: of a convolution's kernels, none depends on their values. */
export function colors(count, { input }) {
  return filled(count * input, uniform(5));
}

/** Latent vectors or noise: approximately standard normal, as sums of twelve uniform numbers. */
export function normal(count, latent, seed = 3) {
  const next = uniform(seed);
  return filled(count * latent, () => {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += next();
    return sum;
  });
}

/** The kernel of a convolution, `[out, in, 9]`, as `[9, in, out]`. */
export function channelsLast(weight, { out, in: inputs, taps }) {
  const kernel = new Float32Array(weight.length);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let t = 0; t < taps; t++) kernel[(t * inputs + i) * out + o] = weight[(o * inputs + i) * taps + t];
    }
  }
  return kernel;
}

/** Transposes `[rows, columns]` to `[columns, rows]`. */
export function transposed(values, rows, columns) {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c];
  }
  return out;
}
