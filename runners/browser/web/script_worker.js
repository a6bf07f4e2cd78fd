/** The dedicated worker in which scripts run, from the page's side. It is replaced after a deadline or an error. */

import { openFrame } from './program_frame.js';

/** What became of a worker that did not answer: `error` of PROTOCOL.md. */
class Lost extends Error {
  constructor(phase, name, message) {
    super(message);
    this.result = { error: { phase, name, message } };
  }
}

export class ScriptWorker {
  static url = new URL('../javascript/worker.js', import.meta.url).href;

  /** @type {Worker | null} */
  #worker = null;
  /** @type {HTMLIFrameElement | null} of the program that the script started last */
  #frame = null;

  /** @returns {Promise<object>} what the worker says of its `findings` and isolation (`facts`), or why there is no worker */
  async hello() {
    try {
      return await this.#ask({ type: 'hello' });
    } catch (lost) {
      return { findings: {}, facts: lost.result };
    }
  }

  /** @returns {Promise<object>} an `observation` */
  async run({ id, script, memory, deadline }) {
    const start = performance.now();
    try {
      return await this.#ask({ type: 'run', id, script, memory }, deadline);
    } catch (lost) {
      return { type: 'observation', id, results: [lost.result], seconds: (performance.now() - start) / 1000 };
    }
  }

  #ask(message, deadline) {
    return new Promise((resolve, reject) => {
      let timer;
      const lose = (phase, name, text) => {
        clearTimeout(timer);
        this.#show(null);
        this.#worker.terminate();
        this.#worker = null;
        reject(new Lost(phase, name, text));
      };
      this.#worker ??= new Worker(ScriptWorker.url, { type: 'module' });
      this.#worker.onmessage = ({ data, ports }) => {
        if (data.type === 'program') {
          this.#show(openFrame(data, ports[0]));
          return;
        }
        clearTimeout(timer);
        this.#show(null);
        resolve(data);
      };
      this.#worker.onmessageerror = () =>
        lose('script', 'DataCloneError', 'the page could not read what the worker sent');
      this.#worker.onerror = (event) => {
        event.preventDefault();
        // A browser that refused the script says nothing but that it did; an uncaught error of the script has a message.
        if (event.message === undefined)
          lose('fetch', 'WorkerError', `the script of the worker did not load: ${ScriptWorker.url}`);
        else lose('script', event.error?.name ?? 'Error', event.message);
      };
      if (deadline !== undefined) {
        timer = setTimeout(() => lose('deadline', 'deadline', `no end within ${deadline} s`), deadline * 1000);
      }
      this.#worker.postMessage(message);
    });
  }

  #show(frame) {
    this.#frame?.remove();
    this.#frame = frame;
  }
}
