// Starts the worker bundle that the address asks for: engine-worker.js?backend=flex&v=BUILD.
// The version is handed on to both files, since trunk gives worker files no hash: without it a
// browser could pair a new page with a worker from its cache.
const query = new URL(import.meta.url).searchParams;
const backend = query.get("backend");
const version = encodeURIComponent(query.get("v") ?? "");
if (!/^[a-z]+$/.test(backend ?? "")) throw new Error(`no such backend: ${backend}`);
const { default: init } = await import(`./engine-${backend}.js?v=${version}`);
await init({ module_or_path: new URL(`./engine-${backend}_bg.wasm?v=${version}`, import.meta.url) });
