// Starts the worker bundle that the address asks for: engine-worker.js?backend=flex&v=BUILD.
// The version is handed on to both files, since trunk gives worker files no hash: without it a
// browser could pair a new page with a worker from its cache.
const query = new URL(import.meta.url).searchParams;
const backend = query.get("backend");
const version = encodeURIComponent(query.get("v") ?? "");
if (!/^[a-z]+$/.test(backend ?? "")) throw new Error(`no such backend: ${backend}`);

// The CPU engines are there twice: plain, and with fused multiply-adds for browsers that read relaxed
// SIMD, which this module of one such instruction tells. fast=off asks for the plain one; the engine reads it,
// too, and then computes by burn's operations alone.
const RELAXED_SIMD = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b, 0x03,
  0x02, 0x01, 0x00, 0x0a, 0x13, 0x01, 0x11, 0x00, 0x41, 0x00, 0xfd, 0x0f, 0x41, 0x00, 0xfd, 0x0f,
  0x41, 0x00, 0xfd, 0x0f, 0xfd, 0x85, 0x02, 0x0b,
]);
const cpu = backend === "flex" || backend === "ndarray";
const fused = cpu && query.get("fast") !== "off" && WebAssembly.validate(RELAXED_SIMD) ? "-fused" : "";

// Both files are asked for at once: a script that is waited for first would cost a way to the server and back.
const module = fetch(new URL(`./engine-${backend}${fused}_bg.wasm?v=${version}`, import.meta.url));
// Where the script fails, that is what is told.
module.catch(() => {});
const { default: init } = await import(`./engine-${backend}.js?v=${version}`);
await init({ module_or_path: module });
