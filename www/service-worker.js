// Keeps the page usable without a network. `cargo xtask build` replaces the next line by the list of the build's files
// with their SHA-256 digests, once all of them are final.
const BUILD = { version: "", files: {} };

// Files of one build only: everything that is stored or passed on has the digest that the build wrote down.
const OWN = `elbo-room ${registration.scope} `;
const CACHE = OWN + BUILD.version;
// What the page needs in order to start. The rest is stored when the page asks for it, or when it is used.
const isShell = (path) =>
  /^[^/]+\.(html|js|css|wasm)$/.test(path) && !/^(engine-(?!worker\.js)|intake)/.test(path);

const addressOf = (path) => new URL(path === "index.html" ? "./" : path, registration.scope);

async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...hash));
}

// A copy of the reply if its body is that of this build.
async function verified(path, reply) {
  if (!reply?.ok) return null;
  const bytes = await reply.arrayBuffer();
  if ((await digest(bytes)) !== BUILD.files[path]) return null;
  const headers = new Headers(reply.headers);
  // The body is decoded.
  headers.delete("content-encoding");
  headers.delete("content-length");
  return new Response(bytes, { headers });
}

// The file as another build has stored it, if it is the same.
async function fromOtherBuild(path) {
  for (const name of await caches.keys()) {
    if (name.startsWith(OWN) && name !== CACHE) {
      const known = await (await caches.open(name)).match(addressOf(path));
      const reply = known && (await verified(path, known));
      if (reply) return reply;
    }
  }
  return null;
}

// Stores a file and returns it. `query` is the one with which the browser may have it already.
async function store(path, query = "") {
  const cache = await caches.open(CACHE);
  const known = await cache.match(addressOf(path));
  if (known) return known;
  const address = new URL(addressOf(path));
  address.search = query;
  const reply =
    (await fromOtherBuild(path)) ??
    (await verified(path, await fetch(address))) ??
    (await verified(path, await fetch(address, { cache: "reload" })));
  if (!reply) return null;
  await cache.put(addressOf(path), reply.clone());
  return reply;
}

addEventListener("install", (event) => {
  const shell = Object.keys(BUILD.files).filter(isShell);
  const all = async () => {
    for (const path of shell) {
      // The server has another build by now, which has a service worker of its own.
      if (!(await store(path))) throw new Error(`${path} is not that of this build`);
    }
  };
  event.waitUntil(all());
});

addEventListener("activate", (event) => {
  const clean = async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith(OWN) && name !== CACHE) await caches.delete(name);
    }
    await clients.claim();
  };
  event.waitUntil(clean());
});

// An engine that is used: the module with fused multiply-adds if this browser can run it, otherwise the plain one.
async function storeEngine(backend, query) {
  await store(`engine-${backend}.js`, query);
  const fused = `engine-${backend}-fused_bg.wasm`;
  let canFuse = false;
  if (fused in BUILD.files) {
    const reply = await store(fused, query);
    canFuse = reply && WebAssembly.validate(await reply.clone().arrayBuffer());
    if (!canFuse) await (await caches.open(CACHE)).delete(addressOf(fused));
  }
  // The module and its parts that are loaded later.
  for (const path of Object.keys(BUILD.files)) {
    const ofEngine = path.startsWith(`engine-${backend}`) && path.endsWith("_bg.wasm");
    if (ofEngine && path.endsWith("-fused_bg.wasm") === Boolean(canFuse)) await store(path, query);
  }
}

// Models and data sets that are fetched only on request: they are stored when they are used.
const isOnRequest = (path) => /^(weights|samples)\/(letters|emoji)/.test(path);

// What the page has used, and then everything but the other engines and what is fetched on request.
async function storeRest({ backend, query, all }) {
  await storeEngine(backend, query);
  if (!all) return;
  for (const path of Object.keys(BUILD.files)) {
    if (!path.startsWith("engine-") && !isOnRequest(path)) await store(path);
  }
}

addEventListener("message", (event) => {
  const { type, ...what } = event.data ?? {};
  if (type === "store") {
    // Without a network, the files are stored on a later visit.
    event.waitUntil(storeRest(what).catch(() => {}));
  } else if (type === "replace") {
    // Other tabs still run the former build, and must not get files of this one.
    const replace = async () => {
      const tabs = await clients.matchAll({ type: "window", includeUncontrolled: true });
      if (tabs.length > 1) event.source.postMessage({ type: "other-tabs", count: tabs.length - 1 });
      else await skipWaiting();
    };
    event.waitUntil(replace());
  }
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || !url.href.startsWith(registration.scope)) return;
  const path = url.pathname.slice(new URL(registration.scope).pathname.length) || "index.html";
  if (!(path in BUILD.files)) return;
  const respond = async () => {
    const known = await (await caches.open(CACHE)).match(addressOf(path));
    const reply = known ?? (await store(path, url.search));
    if (reply) return reply;
    // The server has a newer build. Its service worker takes over with the next visit.
    registration.update().catch(() => {});
    const text = "The server has a newer version of this page. Reload the page.";
    return new Response(text, { status: 409, statusText: "Outdated page" });
  };
  event.respondWith(respond());
});
