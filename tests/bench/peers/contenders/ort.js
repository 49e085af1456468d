// Decoder and encoder in ONNX Runtime Web on a given provider. It does not train.
import { decoder, encoder } from "../onnx.js";

/** Loads decoder and encoder, or only the decoder. */
export async function load(ort, provider, size, layers, { only } = {}) {
  const options = { executionProviders: [provider], graphOptimizationLevel: "all" };
  const session = (graph) => ort.InferenceSession.create(graph(size, layers), options);
  const decoding = await session(decoder);
  const encoding = only === "decoder" ? null : await session(encoder);
  const run = async (session, input, values, width) => {
    const tensor = new ort.Tensor("float32", values, [values.length / width, width]);
    const { out } = await session.run({ [input]: tensor });
    // On a GPU this waits for the result.
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

/** Uses one thread, and loads wasm files from the bundle's folder. */
export function settle(ort) {
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.proxy = false;
  ort.env.wasm.wasmPaths = new URL("../ort/", import.meta.url).href;
}
