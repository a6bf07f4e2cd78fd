/**
 * A document of its own for a program with JavaScript of its own. It is started here as its users start it: by a script element, or,
 * where the program asks for that, in a dedicated worker (program_worker.js).
 */

import { run } from './program_run.js';

addEventListener(
  'message',
  ({ data, ports: [port] }) => {
    if (data.place === 'worker') inWorker(data, port);
    else run(data, port, byElement);
  },
  { once: true },
);

function byElement(url, fail) {
  const script = document.createElement('script');
  script.src = url;
  script.onerror = () => fail(null, `${url} did not load`);
  document.body.append(script);
}

/** @type {Worker} referred to from here: Firefox now and then loses one to which nothing is (docs/findings.md) */
let worker;

function inWorker(program, port) {
  worker = new Worker(new URL('program_worker.js', import.meta.url));
  worker.onmessage = ({ data }) => port.postMessage(data);
  worker.onerror = ({ message = 'the script of the worker did not load' }) =>
    port.postMessage({ error: { name: 'WorkerError', message } });
  worker.postMessage(program);
}
