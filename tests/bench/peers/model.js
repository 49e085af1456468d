// The two models, and the inputs that every contender gets. The generator is simple, so that `pytorch.py` can
// reproduce it.

/** `encoder` and `decoder` are the widths of the hidden layers, from the input on. */
export const SIZES = {
  // The included 16-D model.
  S: { input: 784, encoder: [256, 128], latent: 16, decoder: [128, 256], activation: "gelu" },
  L: { input: 784, encoder: [512, 512], latent: 20, decoder: [512, 512], activation: "relu" },
};

/** Batch size of a training step. */
export const BATCH = 128;
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

/** Name, outputs and inputs of each layer, in the order of a PyTorch `state_dict`. */
export function layers({ input, encoder, latent, decoder }) {
  const found = [];
  let width = input;
  encoder.forEach((hidden, i) => {
    found.push({ name: `encoder.layers.${i}`, out: hidden, in: width });
    width = hidden;
  });
  found.push({ name: "encoder.mu", out: latent, in: width });
  found.push({ name: "encoder.log_var", out: latent, in: width });
  width = latent;
  decoder.forEach((hidden, i) => {
    found.push({ name: `decoder.layers.${i}`, out: hidden, in: width });
    width = hidden;
  });
  found.push({ name: "decoder.output", out: input, in: width });
  return found;
}

/**
 * Layers with weights, `[out, in]` in row-major order, and biases: uniform in ±√(6/in), which preserves the scale of
 * the activations, so that an error in any layer is visible.
 */
export function weights(size) {
  const next = uniform(1);
  return layers(SIZES[size]).map((layer) => {
    const bound = Math.sqrt(6 / layer.in);
    const symmetric = () => (2 * next() - 1) * bound;
    return {
      ...layer,
      weight: filled(layer.out * layer.in, symmetric),
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
 * to 1. Real digits are mostly black, which some kernels exploit.
 */
export async function digits(url) {
  const packed = (await fetch(url)).body;
  const bytes = new Uint8Array(await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).arrayBuffer());
  return (count) => Float32Array.from(bytes.subarray(HEADER, HEADER + count * IMAGE), (grey) => grey / 255);
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

/** Transposes `[rows, columns]` to `[columns, rows]`. */
export function transposed(values, rows, columns) {
  const out = new Float32Array(values.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) out[c * rows + r] = values[r * columns + c];
  }
  return out;
}
