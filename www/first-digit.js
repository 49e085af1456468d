// Draws the first image with a decoder of its own, before the page's program and an engine have arrived, and lets people
// move z until the page takes over (crates/page/src/platform/first_digit.rs). If anything fails here, the page draws the
// first image.
{
  // The build replaces it by a digest of the decoder's files (crates/xtask/src/build/first_digit.rs).
  const VERSION = "";
  // Models with a decoder file, and their latent sizes; the first one is the default. A test compares them with
  // weights/index.json.
  const SIZES = { "mnist-2d": 2, "mnist-16d": 16, "mnist-binary-2d": 2, "mnist-binary-20d": 20 };
  // The range of the sliders.
  const LIMIT = 3;
  // Milliseconds from the start of the navigation until the controls are shown: a page that arrives sooner shows its own.
  const CONTROLS_AFTER = 500;
  // Milliseconds until the page's program is fetched even if the decoder has not arrived.
  const PATIENCE = 10_000;

  // Where a host requires Trusted Types: allows HTML without code, and scripts of this origin.
  try {
    globalThis.trustedTypes?.createPolicy("default", {
      createHTML: (html) => (/<script|\son\w+\s*=|javascript:/i.test(html) ? null : html),
      createScriptURL: (url) => (new URL(url, location.href).origin === location.origin ? url : null),
    });
  } catch {
    // The host allows no policy of this name. start-up.js reports what it blocks.
  }

  const query = new URLSearchParams(location.search);
  const model = query.get("model") ?? Object.keys(SIZES)[0];
  const size = Object.hasOwn(SIZES, model) ? SIZES[model] : 0;

  // The start of playback, as in crates/page/src/latent/play_path.rs.
  const start = () =>
    Array.from({ length: size }, (_, i) => round(1.4 * Math.sin(2 * Math.PI * (0.7 + i * 0.618034))));
  const round = (value) => Math.round(value * 100) / 100;

  // z of the address; null if it has one that the page has to judge.
  const initial = () => {
    const text = query.get("z");
    if (text === null) return start();
    const z = text.split(",").map((value) => (/^-?\d*\.?\d+$/.test(value) ? Number(value) : NaN));
    return z.length === size && z.every((value) => Math.abs(value) <= LIMIT) ? z : null;
  };

  // The state, until the page takes it over: the worker, z, whether a person has moved it, and the last pixels.
  let worker = null;
  let z = size ? initial() : null;
  let moved = false;
  let image = null;
  let taken = false;
  // One request at a time, and then the newest z. `sent` is the id of the last one.
  let sent = 0;
  let inFlight = false;
  let waiting = false;

  const parsed = new Promise((resolve) => {
    if (document.readyState !== "loading") resolve();
    else document.addEventListener("DOMContentLoaded", resolve, { once: true });
  });
  // The static frame is there, which precedes this element: the document's last scripts may still be on their way.
  const framed = new Promise((resolve) => {
    const isThere = () => document.getElementById("failure") !== null;
    if (isThere()) return resolve();
    const observer = new MutationObserver(() => {
      if (!isThere()) return;
      observer.disconnect();
      resolve();
    });
    observer.observe(document, { childList: true, subtree: true });
  });

  const bytes = async (path) => {
    const reply = await fetch(`./${path}?v=${VERSION}`);
    if (!reply.ok) throw new Error(`${path}: status ${reply.status}`);
    return reply.arrayBuffer();
  };

  const giveUp = () => {
    if (taken) return;
    worker?.terminate();
    worker = null;
  };

  const request = () => {
    if (!worker || taken) return;
    waiting = inFlight;
    if (inFlight) return;
    inFlight = true;
    sent += 1;
    worker.postMessage({ id: sent, z });
  };

  const load = async () => {
    worker = new Worker(`./decoder-worker.js?v=${VERSION}`, { type: "module", name: "decoder" });
    worker.onerror = giveUp;
    worker.onmessage = ({ data }) => {
      if (!data.Decoded) return giveUp();
      inFlight = false;
      image = data.Decoded;
      draw();
      if (waiting) request();
    };
    const [module, file] = await Promise.all([
      bytes("decoder_bg.wasm"),
      bytes(`weights/${model}.decoder`),
    ]);
    worker?.postMessage({ module, file }, [module, file]);
    request();
  };

  // What the page's script waits for: nothing else is to take the line's capacity from the decoder.
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const loaded = z ? Promise.race([load().catch(giveUp), patience]) : Promise.resolve();
  loaded.then(() => parsed).then(() => {
    for (const link of document.querySelectorAll("link[data-rel]")) link.rel = link.dataset.rel;
  });

  const SVG = ["svg", "rect", "path", "circle", "text"];
  const element = (name, attributes = {}, ...children) => {
    const made = SVG.includes(name)
      ? document.createElementNS("http://www.w3.org/2000/svg", name)
      : document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const italic = (text) => element("i", {}, text);
  const number = (value) => value.toFixed(2).replace("-", "−");

  // The first step of the tour at the first visit, as the page shows it (crates/page/src/shell/tour/), so that nothing moves
  // when the page takes over. A test compares the texts.
  const showTour = () => {
    let isSeen = false;
    try {
      isSeen = localStorage.getItem("elbo-room-tour") !== null;
    } catch {
      // Storage is not available: the tour is shown at each visit.
    }
    if (location.search.length > 1 || isSeen || navigator.webdriver) return;
    const about = "ELBO Room: a variational autoencoder in your browser. ";
    const text = element(
      "p",
      {},
      element("span", { class: "tour-about" }, about),
      element("b", {}, "Drag a slider"),
      " The decoder turns a few numbers, the latent vector z, into this image. Each slider is one of them.",
    );
    const button = (label, name) => element("button", { type: "button", class: name, disabled: "" }, label);
    const count = element("span", { class: "tour-count" }, "1 of 6");
    const buttons = element("div", { class: "tour-buttons" }, count, button("Skip", ""));
    buttons.append(button("Back", ""), button("Next", "primary"));
    const strip = element("section", { class: "tour", "aria-label": "Tour" }, text, buttons);
    document.querySelector("#app header").after(element("div", { class: "tour-place" }, strip));
  };
  framed.then(() => {
    if (!taken) showTour();
  });

  let canvas = null;
  // Redraw z in each control.
  let controls = [];

  const draw = async () => {
    await framed;
    if (taken || !image) return;
    const isFirst = !canvas;
    if (isFirst) {
      const box = document.querySelector("#app .canvas-box");
      canvas = element("canvas", { role: "img", "aria-label": "Image decoded from z" });
      canvas.width = image.width;
      canvas.height = image.height;
      canvas.id = "decoded-image";
      box.append(canvas);
      box.classList.remove("waiting");
      box.parentElement.setAttribute("aria-busy", "false");
    }
    const data = new ImageData(image.width, image.height);
    image.pixels.forEach((grey, i) => data.data.set([grey, grey, grey, 255], 4 * i));
    canvas.getContext("2d").putImageData(data, 0, 0);
    if (isFirst) {
      performance.mark("first-digit");
      setTimeout(show, Math.max(0, CONTROLS_AFTER - performance.now()));
    }
  };

  const move = (values) => {
    z = values.map((value) => round(Math.min(LIMIT, Math.max(-LIMIT, value))));
    moved = true;
    for (const update of controls) update();
    request();
  };
  const setOne = (index, value) => move(z.map((old, i) => (i === index ? value : old)));

  // Box and Muller's method.
  const gaussian = () =>
    Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());

  // The controls of the stage, as the page's first ones look, so that nothing moves when it takes over.
  const show = () => {
    const known = ["model", "z", "backend"];
    if (taken || [...query.keys()].some((key) => !known.includes(key))) return;
    canvas.dataset.testid = "decoded";
    const stage = document.querySelector("#app .stage");
    stage.classList.toggle("two-d", size === 2);
    const caption = element("span", { class: "caption-z", translate: "no" });
    controls.push(() => {
      const shown = size > 4 ? [number(z[0]), number(z[1]), "…", number(z[size - 1])] : z.map(number);
      caption.replaceChildren(italic("z"), ` = (${shown.join(", ")})`);
    });
    const text = element("p", { class: "caption" }, "the decoder’s mean of ");
    text.append(italic("p"), "(", italic("x"), "|", italic("z"), ") at ", caption);
    const play = element("span", { class: "play quiet" });
    stage.querySelector(".image-frame").append(element("div", { class: "image-text" }, text, play));
    const head = element("div", { class: "controls-head" }, element("h2", {}, "Latent vector ", italic("z")));
    const panel = stage.querySelector(".controls");
    panel.append(head);
    if (size === 2) {
      const note = element("p", { class: "plane-note" }, "circles: 1 and 2 ", italic("σ"), " of the prior ");
      note.append(italic("p"), "(", italic("z"), ")");
      head.append(note);
      panel.append(plane());
    }
    panel.append(element("div", { class: "sliders" }, ...z.map((_, index) => slider(index))));
    const sample = element("button", { class: "primary", type: "button", "data-testid": "sample-prior" });
    sample.append("Sample ", italic("z"), " from ", italic("p"), "(", italic("z"), ")");
    sample.addEventListener("click", () => move(z.map(gaussian)));
    const reset = element("button", { type: "button", "data-testid": "reset-z" }, "Reset to ", italic("z"), " = 0");
    reset.addEventListener("click", () => move(z.map(() => 0)));
    const prior = element("span", { class: "actions-note" }, italic("p"), "(", italic("z"), ") = N(0, I)");
    panel.append(element("div", { class: "actions" }, sample, reset, prior));
    for (const update of controls) update();
  };

  const slider = (index) => {
    const id = `z-${index}`;
    const symbol = `z${String(index + 1).replace(/\d/g, (digit) => "₀₁₂₃₄₅₆₇₈₉"[digit])}`;
    const input = element("input", {
      type: "range", id, "data-testid": id, "aria-label": symbol, min: -LIMIT, max: LIMIT, step: 0.01,
    });
    const shown = element("input", { type: "text", disabled: "", "aria-label": `${symbol} as a number` });
    input.addEventListener("input", () => setOne(index, input.valueAsNumber));
    input.addEventListener("dblclick", () => setOne(index, 0));
    controls.push(() => {
      const percent = ((z[index] + LIMIT) / (2 * LIMIT)) * 100;
      input.value = z[index];
      input.style.setProperty("--from", `${Math.min(percent, 50)}%`);
      input.style.setProperty("--to", `${Math.max(percent, 50)}%`);
      shown.value = number(z[index]);
    });
    const label = element("label", { for: id }, italic("z"), element("sub", {}, String(index + 1)));
    const track = element("div", { class: "slider-track" }, input);
    return element("div", { class: "slider-row" }, label, track, element("span", { class: "number-entry" }, shown));
  };

  const plane = () => {
    const lines = [-3, -2, -1, 0, 1, 2, 3];
    const handle = element("circle", { class: "handle", r: 0.12 });
    const crosshair = element("path", { class: "crosshair" });
    const area = element(
      "svg",
      { class: "plane-area", "data-testid": "latent-plane", viewBox: "-3 -3 6 6" },
      element("rect", { class: "ground", x: -3, y: -3, width: 6, height: 6 }),
      element("path", { class: "grid", d: lines.map((at) => `M${at} -3V3M-3 ${at}H3`).join("") }),
      element("path", { class: "axis", d: "M-3 0H3M0 -3V3" }),
      element("circle", { class: "sigma", r: 1, fill: "none" }),
      element("circle", { class: "sigma", r: 2, fill: "none" }),
      crosshair,
      handle,
    );
    for (const at of lines) {
      const tick = number(at).replace(".00", "");
      area.append(element("text", { class: "tick", x: at, y: 3.3, "text-anchor": "middle" }, tick));
      area.append(element("text", { class: "tick", x: -3.12, y: 0.07 - at, "text-anchor": "end" }, tick));
    }
    const follow = (event) => {
      const box = area.getBoundingClientRect();
      const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      move([6 * x - 3, 3 - 6 * y]);
    };
    area.addEventListener("pointerdown", (event) => {
      area.setPointerCapture(event.pointerId);
      follow(event);
    });
    area.addEventListener("pointermove", (event) => {
      if (area.hasPointerCapture(event.pointerId)) follow(event);
    });
    controls.push(() => {
      const [x, y] = [z[0], -z[1]];
      handle.setAttribute("cx", x);
      handle.setAttribute("cy", y);
      crosshair.setAttribute("d", `M${x} 0V${y}M0 ${y}H${x}`);
    });
    return element("div", { class: "plane" }, element("div", { class: "plane-square" }, area));
  };

  // Pointers that are down: a control under one is not replaced.
  const down = new Set();
  let released = () => {};
  const up = ({ pointerId }) => {
    down.delete(pointerId);
    if (down.size === 0) released();
  };
  const listeners = { pointerdown: ({ pointerId }) => down.add(pointerId), pointerup: up, pointercancel: up };
  for (const [type, listener] of Object.entries(listeners)) addEventListener(type, listener, true);

  globalThis.firstDigit = {
    loaded,
    // Ends everything here, once no pointer is down, and returns what the page goes on with.
    async take() {
      if (down.size > 0) await new Promise((resolve) => (released = resolve));
      taken = true;
      for (const [type, listener] of Object.entries(listeners)) removeEventListener(type, listener, true);
      if (worker) worker.onmessage = worker.onerror = null;
      return {
        model,
        worker,
        z: moved ? z : null,
        shown: canvas !== null,
        // Requests of the page have larger ids.
        sent,
        focus: document.activeElement?.dataset?.testid ?? null,
      };
    },
  };
}
