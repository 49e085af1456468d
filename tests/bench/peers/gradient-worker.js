// The gradient worker of our engine, which computes half of each training batch.
const variant = JSON.parse(new URL(self.location.href).searchParams.get("variant"));
const program = await import(new URL(`ours/${variant.file}.js`, import.meta.url).href);
await program.default({ module_or_path: new URL(`ours/${variant.wasm}_bg.wasm`, import.meta.url) });
await program.serve_gradients();
