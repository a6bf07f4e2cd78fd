/**
 * The dedicated worker in which a browser's scripts run: `new Worker('…/worker.js', {type: 'module'})`.
 *
 * The page asks it by postMessage, one object a message: `hello` for its part of one, and `run` as of PROTOCOL.md, in which
 * modules and large data have a `url` instead of a `path`.
 * A page ends it by `terminate`, its threads included.
 */

import { apiFindings } from './api.js';
import { Interpreter } from './interpreter.js';
import { host } from './browser_host.js';
import { isolation } from './browser_isolation.js';

const interpreter = new Interpreter(host);

const answers = {
  hello: async () => ({ findings: await apiFindings(), facts: isolation() }),
  run: (message) => interpreter.observe(message),
};

let last = Promise.resolve();
self.onmessage = ({ data }) => {
  // One after the other; a message that is no message is an uncaught error, which the page hears of.
  last = last.then(async () => self.postMessage(await answers[data.type](data)));
};
