// Starts the worker that reads files: intake-worker.js?v=BUILD. The version is handed on, since
// trunk gives worker files no hash.
const version = encodeURIComponent(new URL(import.meta.url).searchParams.get("v") ?? "");
const { default: init } = await import(`./intake.js?v=${version}`);
await init({ module_or_path: new URL(`./intake_bg.wasm?v=${version}`, import.meta.url) });
