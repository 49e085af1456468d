// What the machine can do at most on one thread of wasm: multiply-adds that never leave the registers, and
// copying memory.
import { floor, probe } from "../probe.js";

/** Multiply-adds of four lanes in each turn of the loop. */
const TURNS = 4_000_000;
const COPIED = 64 << 20;

export async function open() {
  return "SIMD multiply-adds and memory.copy";
}

/** The best of so many tries: a limit is what was reached once. */
export async function limits(tries) {
  const { relaxed, instance, accumulators, unrolled } = await probe(COPIED);
  const { madd, copy } = instance.exports;
  // Compiled twice by the browser: quickly at first, then well.
  for (let i = 0; i < 20; i++) madd(TURNS / 20);
  const best = (call) => {
    let least = Infinity;
    for (let i = 0; i < tries; i++) {
      const start = performance.now();
      call();
      least = Math.min(least, performance.now() - start);
    }
    return least / 1e3;
  };
  const macs = 4 * accumulators * unrolled * TURNS;
  copy(COPIED);
  return {
    relaxed,
    gmacs: floor(macs / best(() => madd(TURNS)) / 1e9),
    copyGb: floor(COPIED / best(() => copy(COPIED)) / 1e9),
  };
}
