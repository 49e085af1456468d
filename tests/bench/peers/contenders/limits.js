// The machine's limits on one thread of wasm: multiply-adds within registers, and copying memory.
import { floor, probe } from "../probe.js";

/** Iterations of the loop of multiply-adds. */
const TURNS = 4_000_000;
const COPIED = 64 << 20;

export async function open() {
  return "SIMD multiply-adds and memory.copy";
}

/** The best of `tries` repetitions. */
export async function limits(tries) {
  const { relaxed, instance, accumulators, unrolled } = await probe(COPIED);
  const { madd, copy } = instance.exports;
  // Warm-up, until the browser has optimized the code.
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
