/**
 * Runs inside a context (a document, a frame, a pop-up, any kind of worker) and says over a port what it finds there. One
 * script that imports nothing, so that it can be a classic script, a module, and the text of a blob: and a data: URL.
 */
(() => {
  /**
   * (module (import "env" "memory" (memory 1 1 shared))
   *   (func (export "add") (param i32) (result i32) (i32.atomic.rmw.add (i32.const 0) (local.get 0))))
   */
  const MODULE = new Uint8Array([
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f, 2, 16, 1, 3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65,
    0x6d, 0x6f, 0x72, 0x79, 2, 3, 1, 1, 3, 2, 1, 0, 7, 7, 1, 3, 0x61, 0x64, 0x64, 0, 0, 10, 12, 1, 10, 0, 0x41, 0, 0x20,
    0, 0xfe, 0x1e, 2, 0, 0x0b,
  ]);
  const STEPS = 50;
  const MOST = 30; // milliseconds
  const LATE = self.document ? 500 : 200; // of a wait of one; a document may have something else to do
  const WAITS = 3;
  const MEASURED = 3000;

  /** What this context has of threads; each entry a text, a number or a boolean. */
  async function facts({ memory: descriptor, transfer } = {}) {
    const memory = attempt(() => makeMemory(descriptor));
    const shared = memory instanceof WebAssembly.Memory;
    return {
      isSecureContext: self.isSecureContext,
      crossOriginIsolated: self.crossOriginIsolated ?? 'absent',
      SharedArrayBuffer: typeof SharedArrayBuffer !== 'undefined',
      memory: shared ? Object.prototype.toString.call(memory.buffer).slice(8, -1) : memory,
      wait: shared ? attempt(() => Atomics.wait(words(memory), 0, 0, 1)) : 'no memory',
      waitAsync: shared ? await waitAsync(memory) : 'no memory',
      share: shared ? await share(memory, transfer ? [memory.buffer] : []) : 'no memory',
      resolution: resolution(),
      measureMemory: typeof performance.measureUserAgentSpecificMemory === 'function',
      ...(await measuredMemory()),
      ...(self.document && { controlled: Boolean(navigator.serviceWorker?.controller) }),
    };
  }

  /** @returns {WebAssembly.Memory} one page, without a `descriptor` one that can be shared */
  function makeMemory(descriptor = { initial: 1, maximum: 1, shared: true }) {
    return new WebAssembly.Memory(descriptor);
  }

  function words(memory) {
    return new Int32Array(memory.buffer);
  }

  /** Adds to the first word, by an atomic instruction of a module. */
  function add(memory, count) {
    new WebAssembly.Instance(new WebAssembly.Module(MODULE), { env: { memory } }).exports.add(count);
  }

  /** What `work` gives, or the name of what it throws. */
  function attempt(work) {
    try {
      return work();
    } catch (thrown) {
      return thrown.name;
    }
  }

  /** @returns {Promise<string>} how the first ends of a few waits that does not in time: WebKit may end one by accident */
  async function waitAsync(memory) {
    if (!Atomics.waitAsync) return 'absent';
    let how = 'timed-out';
    for (let count = 0; count < WAITS && how === 'timed-out'; count += 1) how = await waitOnce(memory);
    return how;
  }

  async function waitOnce(memory) {
    try {
      return await inTime(Atomics.waitAsync(words(memory), 1, 0, 1).value, LATE);
    } catch (thrown) {
      return thrown.name;
    }
  }

  /** Nothing where the browser cannot; else `bytes`: it measured some; or the name of what it throws. */
  async function measuredMemory() {
    if (typeof performance.measureUserAgentSpecificMemory !== 'function') return {};
    try {
      const measured = await inTime(performance.measureUserAgentSpecificMemory(), MEASURED);
      return { measuredMemory: measured.bytes > 0 ? 'bytes' : measured };
    } catch (thrown) {
      return { measuredMemory: thrown.name };
    }
  }

  /** What the promise gives, or `unsettled` after so many milliseconds; it leaves no timer that would wake a later wait. */
  function inTime(promise, milliseconds) {
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, milliseconds, 'unsettled')));
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
  }

  /** @returns {Promise<string>} `used`: a memory can be sent from here, to a port of its own; else why not */
  function share(memory, transferred) {
    const { port1, port2 } = new MessageChannel();
    return new Promise((resolve) => {
      port2.onmessageerror = () => resolve('messageerror');
      port2.onmessage = ({ data }) => {
        add(data, 1);
        resolve(Atomics.load(words(memory), 0) === 1 ? 'used' : 'copied');
      };
      try {
        port1.postMessage(memory, transferred);
      } catch (thrown) {
        resolve(thrown.name);
      }
    }).finally(() => port1.close());
  }

  /** @returns {number} the smallest step of performance.now that was seen, in microseconds; one, however busy the machine */
  function resolution() {
    const end = Date.now() + MOST;
    let least = Infinity;
    let last = performance.now();
    for (let steps = 0; steps === 0 || (steps < STEPS && Date.now() < end);) {
      const now = performance.now();
      if (now === last) continue;
      least = Math.min(least, now - last);
      last = now;
      steps += 1;
    }
    return Math.round(least * 10_000) / 10;
  }

  /** Answers what the other side of the port asks, one question at a time. */
  function serve(port) {
    let given = null;
    const answers = {
      facts,
      take({ memory, count }) {
        return attempt(() => add(memory, count)) ?? 'taken';
      },
      give() {
        given = attempt(makeMemory);
        return given;
      },
      given: () => words(given)[0],
    };
    port.onmessage = async ({ data }) => {
      const answer = await answers[data.type](data);
      try {
        port.postMessage({ answer });
      } catch (thrown) {
        port.postMessage({ refused: thrown.name });
      }
    };
    port.onmessageerror = () => port.postMessage({ refused: 'messageerror' });
  }

  /** @returns {MessagePort} the other end of a port that is served here */
  function port() {
    const { port1, port2 } = new MessageChannel();
    serve(port1);
    return port2;
  }

  /** What a pop-up finds, by way of the server: what opened it may know nothing of it any more. */
  async function say(key) {
    const said = { ...(await facts()), opener: self.opener !== null };
    await fetch(`said/${key}`, { method: 'POST', body: JSON.stringify(said) });
    if (!said.opener) self.close();
  }

  const HELLO = 'inside';
  const SAY = '#say=';
  self.inside = { add, makeMemory, port, words };
  if (self.document !== undefined) {
    const creator = self.parent === self ? self.opener : self.parent;
    creator?.postMessage(HELLO, '*', [port()]);
    if (self.location.hash.startsWith(SAY)) say(self.location.hash.slice(SAY.length));
  } else if ('onconnect' in self) self.onconnect = ({ ports }) => ports[0].postMessage(HELLO, [port()]);
  else if ('registration' in self) self.onmessage = ({ ports }) => ports[0].postMessage(HELLO, [port()]);
  else self.postMessage(HELLO, [port()]);
})();
