// The benchmark's page. It has one worker per contender and forwards commands to them.

const workers = new Map();

function start(variant) {
  return new Promise((resolve, reject) => {
    const address = `./worker.js?variant=${encodeURIComponent(JSON.stringify(variant))}`;
    const worker = new Worker(address, { type: "module" });
    const waiting = new Map();
    let last = 0;
    worker.onerror = (event) => {
      const error = new Error(event.message || "the worker did not load");
      reject(error);
      for (const { reject } of waiting.values()) reject(error);
    };
    worker.onmessage = ({ data }) => {
      if (data.ready) {
        const call = (command, given) =>
          new Promise((resolve, reject) => {
            waiting.set(++last, { resolve, reject });
            worker.postMessage({ id: last, command, given });
          });
        resolve({ call, end: () => worker.terminate() });
        return;
      }
      const { resolve: done, reject: failed } = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.error) failed(new Error(data.error));
      else done(data.result);
    };
  });
}

globalThis.host = {
  /** Starts a contender with the given name. */
  async start(name, variant) {
    this.end(name);
    workers.set(name, await start(variant));
    return await this.call(name, "open");
  },
  async call(name, command, given) {
    return (await workers.get(name).call(command, given)) ?? null;
  },
  end(name) {
    workers.get(name)?.end();
    workers.delete(name);
  },
};
