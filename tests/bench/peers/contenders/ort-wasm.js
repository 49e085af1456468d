// ONNX Runtime Web on WebAssembly with SIMD, one thread.
import * as ort from "onnxruntime-web/wasm";
import { load as loadOn, settle } from "./ort.js";

export async function open() {
  settle(ort);
  return `ONNX Runtime Web ${ort.env.versions.web}, wasm`;
}

export const load = (size, layers, wish) => loadOn(ort, "wasm", size, layers, wish);
