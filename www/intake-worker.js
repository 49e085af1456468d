// Loads the file reader: intake-worker.js?v=BUILD. Trunk does not hash worker files, so the version is passed on.
const version = encodeURIComponent(new URL(import.meta.url).searchParams.get("v") ?? "");
const { default: init } = await import(`./intake.js?v=${version}`);
await init({ module_or_path: new URL(`./intake_bg.wasm?v=${version}`, import.meta.url) });
