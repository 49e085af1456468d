// Decoder and encoder in ONNX Runtime Web, on whichever provider is asked for. It does not train.
import { decoder, encoder } from "../onnx.js";

/** Without the encoder where only a decoder is asked for. */
export async function load(ort, provider, size, layers, { only } = {}) {
  const options = { executionProviders: [provider], graphOptimizationLevel: "all" };
  const session = (graph) => ort.InferenceSession.create(graph(size, layers), options);
  const decoding = await session(decoder);
  const encoding = only === "decoder" ? null : await session(encoder);
  const run = async (session, input, values, width) => {
    const tensor = new ort.Tensor("float32", values, [values.length / width, width]);
    const { out } = await session.run({ [input]: tensor });
    // Where it lies on a GPU, this waits for it.
    const data = await out.getData();
    out.dispose();
    return data;
  };
  return {
    decode: (z) => run(decoding, "z", z, size.latent),
    encode: (x) => run(encoding, "x", x, size.input),
    free: () => Promise.all([decoding.release(), encoding?.release()]),
  };
}

/** One thread, and its files from beside the bundle. */
export function settle(ort) {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.wasm.wasmPaths = new URL("../ort/", import.meta.url).href;
}
