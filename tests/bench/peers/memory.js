// Records the wasm memories that a contender creates. They never shrink, so their current size is their peak.
// Must be imported before anything that uses wasm.

const memories = new Set();

function note(instance) {
  for (const value of Object.values(instance.exports)) {
    if (value instanceof WebAssembly.Memory) memories.add(value);
  }
}

for (const name of ["instantiate", "instantiateStreaming"]) {
  const plain = WebAssembly[name];
  WebAssembly[name] = async (...args) => {
    const made = await plain.apply(WebAssembly, args);
    note(made.instance ?? made);
    return made;
  };
}

WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
  construct(target, args) {
    const memory = new target(...args);
    memories.add(memory);
    return memory;
  },
});

/** Total size in bytes. */
export function wasmBytes() {
  let sum = 0;
  for (const memory of memories) sum += memory.buffer.byteLength;
  return sum;
}
