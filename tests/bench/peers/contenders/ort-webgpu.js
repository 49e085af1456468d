// ONNX Runtime Web on WebGPU.
import * as ort from "onnxruntime-web/webgpu";
import { load as loadOn, settle } from "./ort.js";

export async function open() {
  settle(ort);
  return `ONNX Runtime Web ${ort.env.versions.web}, webgpu`;
}

export const load = (size, layers, wish) => loadOn(ort, "webgpu", size, layers, wish);
