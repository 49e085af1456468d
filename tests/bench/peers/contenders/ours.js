// ELBO Room's engine, through the program in `tests/src/bin/contender`.

let program;
let backend;
/** URL of the gradient worker, which computes half of each batch, if the variant has one. */
let gradientWorker;

/**
 * `variant.file` is the program, `variant.wasm` its module (plain, or with fused multiply-adds), and `variant.twoWorkers`
 * whether two workers train.
 */
export async function open(variant) {
  const folder = new URL("../ours/", import.meta.url);
  program = await import(new URL(`${variant.file}.js`, folder).href);
  await program.default({ module_or_path: new URL(`${variant.wasm}_bg.wasm`, folder) });
  backend = await program.open();
  const query = new URLSearchParams({ variant: JSON.stringify(variant) });
  gradientWorker =
    variant.twoWorkers && new URL(`../gradient-worker.js?${query}`, import.meta.url).href;
  return backend.description() ?? variant.file;
}

/** Whether it has convolutional models. */
export const convolutional = true;

/** The warm-up that the page makes in the training worker while a run is being configured. */
export const warmUp = () => backend.warm_up();

export async function load(size, layers, { only } = {}) {
  const model = backend.load(
    JSON.stringify({
      input_size: size.input,
      ...(size.convolution && { convolution: size.convolution }),
      encoder_hidden: size.encoder,
      decoder_hidden: size.decoder,
      latent_size: size.latent,
      activation: size.activation,
      likelihood: { kind: "bernoulli" },
    }),
    layers.flatMap(({ weight, bias }) => [weight, bias]),
  );
  if (only !== "decoder") model.prepare_training();
  if (gradientWorker) await model.start_gradient_worker(gradientWorker);
  // Backends on this thread return results synchronously; a GPU's results must be awaited.
  const now = backend.is_synchronous();
  return {
    decode: (z) => (now ? model.decode_now(z) : model.decode(z)),
    encode: (x) => (now ? model.encode_now(x) : model.encode(x)),
    step: (x, noise) => (now && !gradientWorker ? model.step_now(x, noise) : model.step(x, noise)),
    importanceStep: now && ((x, noise, samples) => model.importance_step_now(x, noise, samples)),
    exactStep: now && ((x, noise, points) => model.exact_step_now(x, noise, points)),
    free: () => model.free(),
  };
}
