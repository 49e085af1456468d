// Reports why the page cannot start. A classic script: it must run where modules do not.
{
  const fail = (message) => {
    const box = document.getElementById("failure");
    // Keep the first message: later ones are consequences of it.
    if (!box.hidden) return;
    document.getElementById("failure-message").textContent = message;
    box.hidden = false;
  };
  document.getElementById("failure-reload").addEventListener("click", () => location.reload());

  const moduleWorkers = () => {
    let optionRead = false;
    const options = {
      get type() {
        optionRead = true;
        // Ends the constructor before it starts a worker.
        throw new Error("only tests whether the option is read");
      },
    };
    try {
      // A browser reads `type` only if it supports module workers.
      new Worker("data:,", options).terminate();
    } catch {
      // Expected.
    }
    return optionRead;
  };
  const update =
    "Please open this page in a current version of Chrome, Edge, Firefox or Safari.";
  if (location.protocol === "file:") {
    fail(
      "This page was opened as a file, and browsers load programs only from a web server. " +
        "Run “cargo xtask serve” in the project, or serve this folder with any web server, " +
        "for example “python3 -m http.server”, and open the address it prints.",
    );
  } else if (globalThis.origin === "null") {
    fail(
      "This page is in a frame whose sandbox blocks its program. Add allow-same-origin to the sandbox attribute of the " +
        `frame, or open the page in a tab of its own: ${location.href}`,
    );
  } else if (typeof WebAssembly !== "object") {
    fail(`This browser has no WebAssembly, which the decoder runs on. ${update}`);
  } else if (!moduleWorkers()) {
    fail(`This browser has no module workers, which the decoder runs in. ${update}`);
  }

  // The page's program failed to load. It reports later errors itself.
  const app = document.getElementById("app");
  const frame = app.firstElementChild;
  const didNotStart = (event) => {
    if (app.firstElementChild !== frame) return;
    const address = event.target?.src ?? event.target?.href;
    const reason = event.message ?? event.reason ?? address;
    const because = reason ? ` (${reason})` : "";
    fail(`The page’s program could not be loaded or started${because}. Check the connection and reload.`);
    // Unless it starts nevertheless.
    const box = document.getElementById("failure");
    new MutationObserver((_, observer) => {
      if (app.firstElementChild === frame) return;
      observer.disconnect();
      box.hidden = true;
    }).observe(app, { childList: true });
  };
  addEventListener("error", didNotStart, true);
  addEventListener("unhandledrejection", didNotStart);
}
