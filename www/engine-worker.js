// Loads the engine bundle named in the URL: engine-worker.js?backend=flex&v=BUILD.
// Trunk does not hash worker files, so the version is passed on to both files: without it a browser
// could pair a new page with a cached worker.
const query = new URL(import.meta.url).searchParams;
const backend = query.get("backend");
const version = encodeURIComponent(query.get("v") ?? "");
if (!/^[a-z]+$/.test(backend ?? "")) throw new Error(`unknown backend: ${backend}`);

// Where a host requires Trusted Types: an engine starts workers of this origin only.
try {
  globalThis.trustedTypes?.createPolicy("default", {
    createScriptURL: (url) => (new URL(url, location.href).origin === location.origin ? url : null),
  });
} catch {
  // The host allows no policy of this name.
}

// There are two modules of each CPU engine: a plain one, and one with fused multiply-adds for browsers that
// support relaxed SIMD. This minimal module with one relaxed instruction detects the support. fast=off selects
// the plain module; the engine reads it as well and then uses burn's operations only.
const RELAXED_SIMD = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03,
  0x02, 0x01, 0x00, 0x0a, 0x13, 0x01, 0x11, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f,
  0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x85, 0x02, 0x0b,
]);
const cpu = backend === "flex" || backend === "ndarray";
const fused = cpu && query.get("fast") !== "off" && WebAssembly.validate(RELAXED_SIMD) ? "-fused" : "";

// Fetch both files at once: waiting for the script first would cost a round trip.
const module = fetch(new URL(`./engine-${backend}${fused}_bg.wasm?v=${version}`, import.meta.url));
// If the script fails too, report that error, not this one.
module.catch(() => {});
// The script fetches parts of the module later, and finds there which of the two it has to take.
const variant = fused && "&fused=yes";
const { default: init } = await import(`./engine-${backend}.js?v=${version}${variant}`);
await init({ module_or_path: module });
