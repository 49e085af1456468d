// One way of timing for all contenders.

/** `performance.now()` is only so fine; a sample lasts at least a hundred times as long. */
const SAMPLE_MS = 10;
/** Calls before anything counts: compiles code and shaders, and fills pools. */
const WARM_UP = 3;
/** A warm-up that has taken this long is over. */
const WARM_UP_MS = 2000;

/** Milliseconds of `count` calls, each awaited. */
async function loop(call, count) {
  const start = performance.now();
  for (let i = 0; i < count; i++) await call();
  return performance.now() - start;
}

/** Warms up and finds out how many calls make a sample. */
export async function calibrate(call) {
  let spent = await loop(call, 1);
  for (let i = 1; i < WARM_UP && spent < WARM_UP_MS; i++) spent += await loop(call, 1);
  if (spent > WARM_UP_MS / 2) return 1;
  let count = 1;
  // Twice long enough: code that the browser has just compiled well makes a sample shorter.
  for (let enough = 0; enough < 2; ) {
    const ms = await loop(call, count);
    enough = ms >= SAMPLE_MS ? enough + 1 : 0;
    if (!enough) count = Math.max(count + 1, Math.min(100 * count, Math.ceil((1.2 * count * SAMPLE_MS) / Math.max(ms, 0.1))));
  }
  return count;
}

/**
 * So many samples of `count` calls, fewer when they take longer than the budget but at least one. Milliseconds of
 * one call each.
 */
export async function samples(call, count, wanted, budgetMs) {
  const times = [];
  const end = performance.now() + budgetMs;
  while (times.length < wanted && (times.length === 0 || performance.now() < end)) {
    times.push((await loop(call, count)) / count);
  }
  return times;
}
