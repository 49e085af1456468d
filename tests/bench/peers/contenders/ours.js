// ELBO Room's engine, by the program in `tests/src/bin/contender`.

let program;
let backend;
/** The address of a second worker that computes half of each batch, where the variant has one. */
let helper;

/**
 * `variant.file` names the program, `variant.wasm` which of its modules: plain or with fused multiply-adds;
 * `variant.helper` says whether two workers train.
 */
export async function open(variant) {
  const folder = new URL("../ours/", import.meta.url);
  program = await import(new URL(`${variant.file}.js`, folder).href);
  await program.default({ module_or_path: new URL(`${variant.wasm}_bg.wasm`, folder) });
  backend = await program.open();
  const query = new URLSearchParams({ variant: JSON.stringify(variant) });
  helper = variant.helper && new URL(`../helper.js?${query}`, import.meta.url).href;
  return backend.description() ?? variant.file;
}

/** What the page has done in the worker that will train, while people set their run up. */
export const warmUp = () => backend.warm_up();

export async function load(size, layers, { only } = {}) {
  const model = backend.load(
    JSON.stringify({
      input_size: size.input,
      encoder_hidden: size.encoder,
      decoder_hidden: size.decoder,
      latent_size: size.latent,
      activation: size.activation,
      likelihood: { kind: "bernoulli" },
    }),
    layers.flatMap(({ weight, bias }) => [weight, bias]),
  );
  if (only !== "decoder") model.prepare_training();
  if (helper) await model.have_help(helper);
  // What computes on this thread can answer at once; a GPU's answer has to be waited for.
  const now = backend.answers_at_once();
  return {
    decode: (z) => (now ? model.decode_now(z) : model.decode(z)),
    encode: (x) => (now ? model.encode_now(x) : model.encode(x)),
    step: (x, noise) => (now && !helper ? model.step_now(x, noise) : model.step(x, noise)),
    free: () => model.free(),
  };
}
