/** The pool, as the main thread has it: workers with an instance each on one memory, to which work is sent by its address. */

const WorkerOfHost = globalThis.process ? (await import('node:worker_threads')).Worker : Worker;

/** @type {{worker: Worker, waiting: {resolve: () => void, reject: (error: Error) => void}[], ended: Promise<void>[]}[]} */
let pool = [];

/** @param {number} size @param {WebAssembly.Module} module @param {WebAssembly.Memory} memory */
export async function open(size, module, memory) {
  pool = Array.from({ length: size }, () => member(new URL('./wrong-pool-worker.mjs', import.meta.url)));
  for (const each of pool) ask(each, { module, memory });
  await done();
}

/** Called by the module: has a worker do what is at that address. */
export function post(number, work) {
  ask(pool[number], { work });
}

/** Until all have done what they were sent. */
export async function done() {
  await Promise.all(pool.flatMap(({ ended }) => ended.splice(0)));
}

export function close() {
  for (const { worker } of pool) worker.terminate();
}

function member(url) {
  const worker = new WorkerOfHost(url, { type: 'module' });
  const waiting = [];
  const heard = (error) => {
    const { resolve, reject } = waiting.shift();
    if (error === null) resolve();
    else reject(new Error(error));
  };
  if (worker.on) worker.on('message', heard);
  else {
    worker.onmessage = ({ data }) => heard(data);
    worker.onerror = ({ message }) => heard(message ?? 'the worker did not load');
  }
  return { worker, waiting, ended: [] };
}

function ask({ worker, waiting, ended }, message) {
  worker.postMessage(message); // first: where the memory cannot be sent, nobody shall wait for an answer
  ended.push(new Promise((resolve, reject) => waiting.push({ resolve, reject })));
}
