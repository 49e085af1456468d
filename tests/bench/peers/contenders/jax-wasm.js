// jax-js on WebAssembly, one thread.
import { defaultDevice, init } from "@jax-js/jax";
import { load } from "./jax.js";

export async function open() {
  await init("wasm");
  defaultDevice("wasm");
  return "jax-js, wasm";
}

export { load };
/** Whether it has convolutional models. */
export const convolutional = true;
