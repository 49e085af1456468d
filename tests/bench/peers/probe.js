// A hand-written wasm module of two functions, so that no compiler changes the loops.

/** As many as fit into the sixteen registers of x86 with the two factors. */
const ACCUMULATORS = 12;
const UNROLLED = 4;
const PAGE = 1 << 16;

const unsigned = (n) => {
  const bytes = [];
  do {
    bytes.push((n & 0x7f) | (n > 0x7f ? 0x80 : 0));
    n >>>= 7;
  } while (n);
  return bytes;
};
const signed = (n) => {
  const bytes = [];
  for (;;) {
    const byte = n & 0x7f;
    n >>= 7;
    if ((n === 0 && !(byte & 0x40)) || (n === -1 && byte & 0x40)) return [...bytes, byte];
    bytes.push(byte | 0x80);
  }
};
const text = (name) => [name.length, ...new TextEncoder().encode(name)];
const section = (id, body) => [id, ...unsigned(body.length), ...body];
const vector = (items) => [...unsigned(items.length), ...items.flat()];

const I32 = 0x7f;
const F32 = 0x7d;
const V128 = 0x7b;
const get = (local) => [0x20, ...unsigned(local)];
const set = (local) => [0x21, ...unsigned(local)];
const simd = (code) => [0xfd, ...unsigned(code)];
const constant = (value) => [0x43, ...new Uint8Array(Float32Array.of(value).buffer), ...simd(0x13)];
const MUL = simd(0xe6);
const ADD = simd(0xe4);
const RELAXED_MADD = simd(0x105);

/** `madd(turns)`: each accumulator a ← a + x·y, `UNROLLED` times per iteration. Returns the sum, so that no work is optimized away. */
function madd(relaxed) {
  const [turns, x, y, first] = [0, 1, 2, 3];
  const body = [...constant(0.999), ...set(x), ...constant(1e-3), ...set(y)];
  for (let a = 0; a < ACCUMULATORS; a++) body.push(...constant(a), ...set(first + a));
  body.push(0x03, 0x40);
  for (let u = 0; u < UNROLLED; u++) {
    for (let a = first; a < first + ACCUMULATORS; a++) {
      body.push(...(relaxed ? [...get(x), ...get(y), ...get(a), ...RELAXED_MADD] : [...get(x), ...get(y), ...MUL, ...get(a), ...ADD]), ...set(a));
    }
  }
  // Decrement, and repeat unless zero.
  body.push(...get(turns), 0x41, 1, 0x6b, 0x22, turns, 0x0d, 0, 0x0b);
  body.push(...get(first));
  for (let a = 1; a < ACCUMULATORS; a++) body.push(...get(first + a), ...ADD);
  body.push(...simd(0x1f), 0, 0x0b);
  return [...vector([[...unsigned(ACCUMULATORS + 2), V128]]), ...body];
}

/** `copy(bytes)`: copies the first bytes of the memory to the bytes after them. */
const copy = [0, ...get(0), 0x41, ...signed(0), ...get(0), 0xfc, 0x0a, 0, 0, 0x0b];

function build(relaxed, copied) {
  const sized = (body) => [...unsigned(body.length), ...body];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector([[0x60, ...vector([[I32]]), ...vector([[F32]])], [0x60, ...vector([[I32]]), 0]])),
    ...section(3, vector([[0], [1]])),
    ...section(5, vector([[0, ...unsigned((2 * copied) / PAGE)]])),
    ...section(7, vector([[...text("madd"), 0, 0], [...text("copy"), 0, 1]])),
    ...section(10, vector([sized(madd(relaxed)), sized(copy)])),
  ]);
}

/** The module, with relaxed SIMD if the browser supports it. */
export async function probe(copied) {
  const fast = build(true, copied);
  const relaxed = WebAssembly.validate(fast);
  const { instance } = await WebAssembly.instantiate(relaxed ? fast : build(false, copied));
  return { relaxed, instance, accumulators: ACCUMULATORS, unrolled: UNROLLED };
}

/** Rounds down to three decimals. */
export const floor = (value) => Math.floor(1e3 * value) / 1e3;
