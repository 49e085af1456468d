// Timing, the same for all contenders.

/** Minimum duration of a sample: a hundred times the resolution of `performance.now()`. */
const SAMPLE_MS = 10;
/** Warm-up calls, which compile code and shaders and fill pools. */
const WARM_UP = 3;
/** Maximum duration of the warm-up. */
const WARM_UP_MS = 2000;

/** Milliseconds of `count` calls, each awaited. */
async function loop(call, count) {
  const start = performance.now();
  for (let i = 0; i < count; i++) await call();
  return performance.now() - start;
}

/** Warms up and determines the number of calls per sample. */
export async function calibrate(call) {
  let spent = await loop(call, 1);
  for (let i = 1; i < WARM_UP && spent < WARM_UP_MS; i++) spent += await loop(call, 1);
  if (spent > WARM_UP_MS / 2) return 1;
  let count = 1;
  // Long enough twice in a row, because a sample becomes shorter when the browser optimizes the code.
  for (let enough = 0; enough < 2; ) {
    const ms = await loop(call, count);
    enough = ms >= SAMPLE_MS ? enough + 1 : 0;
    if (!enough) count = Math.max(count + 1, Math.min(100 * count, Math.ceil((1.2 * count * SAMPLE_MS) / Math.max(ms, 0.1))));
  }
  return count;
}

/**
 * Measures `wanted` samples of `count` calls; fewer if they exceed the budget, but at least one. Returns milliseconds
 * per call.
 */
export async function samples(call, count, wanted, budgetMs) {
  const times = [];
  const end = performance.now() + budgetMs;
  while (times.length < wanted && (times.length === 0 || performance.now() < end)) {
    times.push((await loop(call, count)) / count);
  }
  return times;
}
