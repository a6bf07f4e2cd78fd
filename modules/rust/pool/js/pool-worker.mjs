/** One worker of the pool: it makes its instance of the module on the memory that it is sent, then does what it is sent. */

import { initSync, take_up } from './pool-bindings.mjs';

const port = globalThis.process ? (await import('node:worker_threads')).parentPort : null;
const answer = (error) => (port ?? self).postMessage(error);

function take({ module, memory, work }) {
  try {
    if (module) initSync({ module, memory });
    else take_up(work);
    answer(null);
  } catch (error) {
    answer(`${error.name}: ${error.message}`);
  }
}

if (port) port.on('message', take);
else self.onmessage = ({ data }) => take(data);
