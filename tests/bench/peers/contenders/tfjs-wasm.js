// TensorFlow.js on WebAssembly with SIMD, one thread.
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { load as loadOn, tensorBytes, tf } from "./tfjs.js";

export async function open() {
  setWasmPaths(new URL("../tfjs/", import.meta.url).href);
  setThreadsCount(1);
  if (!(await tf.setBackend("wasm"))) throw new Error("TensorFlow.js does not start on WebAssembly");
  await tf.ready();
  return `TensorFlow.js ${tf.version_core}, wasm`;
}

export const load = (size, layers, wish) => loadOn(size, layers, true, wish);
export { tensorBytes };
/** Whether it has convolutional models. */
export const convolutional = true;
