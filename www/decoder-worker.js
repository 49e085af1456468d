// The decoder worker: decoder-worker.js?v=BUILD, started by first-digit.js. Its first message has the module's bytes and
// a decoder file, both fetched by its owner, which starts the fetches before this script has arrived. Every other one
// has a z with an id. The replies are those of `DecoderMessage` in crates/protocol/src/decoder.rs.
const version = encodeURIComponent(new URL(import.meta.url).searchParams.get("v") ?? "");
const bindings = import(`./decoder.js?v=${version}`);
// The first message reports it.
bindings.catch(() => {});
let decoder;

const create = async ({ module, file }) => {
  const { default: init, WorkerDecoder } = await bindings;
  await init({ module_or_path: module });
  return new WorkerDecoder(new Uint8Array(file));
};

// Set before the first await: messages are not kept for a listener that comes later.
onmessage = async ({ data }) => {
  try {
    if (data.file) {
      decoder = create(data);
      await decoder;
      return;
    }
    const { id, z } = data;
    const ready = await decoder;
    const pixels = ready.decode(Float32Array.from(z));
    if (!pixels) throw new Error(`z has ${z.length} components`);
    const [height, width] = ready.image;
    postMessage({ Decoded: { id, height, width, pixels } }, [pixels.buffer]);
  } catch (error) {
    postMessage({ Failed: String(error?.message ?? error) });
  }
};
