// TensorFlow.js on WebGPU.
import "@tensorflow/tfjs-backend-webgpu";
import { load as loadOn, tensorBytes, tf } from "./tfjs.js";

export async function open() {
  if (!(await tf.setBackend("webgpu"))) throw new Error("TensorFlow.js does not start on WebGPU");
  await tf.ready();
  return `TensorFlow.js ${tf.version_core}, webgpu`;
}

export const load = (size, layers, wish) => loadOn(size, layers, false, wish);
export { tensorBytes };
/** Whether it has convolutional models. */
export const convolutional = true;
