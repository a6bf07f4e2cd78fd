/**
 * The dedicated worker in which a browser's scripts run: `new Worker('…/worker.js', {type: 'module'})`.
 *
 * It speaks PROTOCOL.md by postMessage, one object a message; modules and large data have a `url` instead of a `path`.
 * A page ends it by `terminate`, its threads included.
 */

import { apiFindings } from './api.js';
import { Interpreter } from './interpreter.js';
import { host } from './browser_host.js';

const PROTOCOL = 1;

const interpreter = new Interpreter(host);

const answers = {
  hello: async () => ({ type: 'hello', protocol: PROTOCOL, findings: await apiFindings(), facts: facts() }),

  async run({ id, script, memory }) {
    const start = performance.now();
    const results = await interpreter.run(script, memory);
    return { type: 'observation', id, results, seconds: (performance.now() - start) / 1000 };
  },
};

/** What this worker finds out about its isolation; the page has facts of its own. */
function facts() {
  return {
    userAgent: navigator.userAgent,
    crossOriginIsolated: self.crossOriginIsolated ?? null,
    isSecureContext: self.isSecureContext,
    sharedArrayBuffer: typeof SharedArrayBuffer !== 'undefined',
    hardwareConcurrency: navigator.hardwareConcurrency,
  };
}

let last = Promise.resolve();
self.onmessage = ({ data }) => {
  // One after the other; a message that is no message is an uncaught error, which the page hears of.
  last = last.then(async () => self.postMessage(await answers[data.type](data)));
};
