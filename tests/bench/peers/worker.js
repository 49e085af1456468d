// The worker of one contender. It executes commands one after another.
import { wasmBytes } from "./memory.js";
import { SIZES, colors, digits, normal, weights } from "./model.js";
import { calibrate, samples } from "./timing.js";

const query = new URL(self.location.href).searchParams;
const variant = JSON.parse(query.get("variant"));
const mnist = await digits(new URL("digits.gz", self.location.href));
/** The first images for a model. */
const images = (count, size) => (SIZES[size].convolution ? colors(count, SIZES[size]) : mnist(count));
let contender;
/** Loaded models, and the number of calls per sample of each row. */
const models = new Map();
const counts = new Map();

/** The measured call of each row. All contenders return JavaScript arrays. */
const ROWS = {
  step(size, model) {
    const { batch, latent } = SIZES[size];
    const x = images(batch, size);
    const noise = normal(batch, latent, 4);
    return model.step && (() => model.step(x, noise));
  },
  /** A step for the importance-weighted bound of 8 samples. */
  importance8(size, model) {
    const { batch, latent } = SIZES[size];
    const x = images(batch, size);
    const noise = normal(batch * 8, latent, 4);
    return model.importanceStep && (() => model.importanceStep(x, noise, 8));
  },
  /** A step for log p(x) by quadrature. */
  exact(size, model) {
    const { exact, latent } = SIZES[size];
    const x = images(exact.images, size);
    const noise = normal(exact.images, latent, 4);
    const points = normal(exact.points, latent, 5);
    return model.exactStep && (() => model.exactStep(x, noise, points));
  },
  decode1: (size, model) => decoding(size, model, 1),
  decode400: (size, model) => decoding(size, model, 400),
  encode1(size, model) {
    const x = images(1, size);
    return () => model.encode(x);
  },
};

function decoding(size, model, count) {
  const z = normal(count, SIZES[size].latent);
  return () => model.decode(z, count);
}

const commands = {
  async open() {
    contender = await import(`./contenders/${variant.module}.js`);
    const description = await contender.open(variant);
    await contender.warmUp?.();
    return description;
  },
  async load({ size }) {
    // A contender that does not have the model is not measured with it.
    if (SIZES[size].convolution && !contender.convolutional) return;
    models.set(size, await contender.load(SIZES[size], weights(size)));
  },
  /** Results to compare with other contenders. Uses a separate model, because training changes it. */
  async check({ size }) {
    if (SIZES[size].convolution && !contender.convolutional) return null;
    const model = await contender.load(SIZES[size], weights(size));
    const { batch, latent } = SIZES[size];
    const found = {
      decoded: [...(await model.decode(normal(4, latent), 4))],
      encoded: [...(await model.encode(images(1, size)))],
      losses: [],
    };
    const x = images(batch, size);
    for (let seed = 10; model.step && seed < 13; seed++) {
      found.losses.push(await model.step(x, normal(batch, latent, seed)));
    }
    model.free?.();
    return found;
  },
  async block({ size, row, wanted, budgetMs }) {
    const call = models.has(size) && ROWS[row](size, models.get(size));
    if (!call) return null;
    const key = `${row} ${size}`;
    if (!counts.has(key)) counts.set(key, await calibrate(call));
    return { calls: counts.get(key), ms: await samples(call, counts.get(key), wanted, budgetMs) };
  },
  /** One call without warm-up. */
  async once({ size, row }) {
    const call = models.has(size) && ROWS[row](size, models.get(size));
    if (!call) return null;
    const start = performance.now();
    await call();
    return performance.now() - start;
  },
  memory: async () => ({ wasm: wasmBytes(), tensors: contender.tensorBytes?.() ?? null }),
  limits: async ({ wanted }) => await contender.limits(wanted),
};

self.onmessage = async ({ data: { id, command, given } }) => {
  try {
    self.postMessage({ id, result: await commands[command](given ?? {}) });
  } catch (error) {
    self.postMessage({ id, error: String(error?.stack ?? error) });
  }
};
self.postMessage({ ready: true });
