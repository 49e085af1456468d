// jax-js on WebGPU.
import { defaultDevice, init } from "@jax-js/jax";
import { load as loadOn } from "./jax.js";

export async function open() {
  const devices = await init("webgpu");
  if (!devices.includes("webgpu")) throw new Error("jax-js does not start on WebGPU");
  defaultDevice("webgpu");
  return "jax-js, webgpu";
}

export const load = (size, layers, wish) => loadOn(size, layers, false, wish);
/** Whether it has convolutional models. */
export const convolutional = true;
