// jax-js on WebAssembly, one thread.
import { defaultDevice, init } from "@jax-js/jax";
import { load as loadOn } from "./jax.js";

export async function open() {
  await init("wasm");
  defaultDevice("wasm");
  return "jax-js, wasm";
}

export const load = (size, layers, wish) => loadOn(size, layers, true, wish);
/** Whether it has convolutional models. */
export const convolutional = true;
