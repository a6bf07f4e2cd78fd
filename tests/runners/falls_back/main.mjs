/**
 * A program with threads that makes the mistake of many: where it thinks that it may not share memory it does their work itself,
 * one after the other, and says nothing. `main.mjs THREADS`
 */

const threads = Number(new URL(import.meta.url).searchParams.get('arg'));
const module = await WebAssembly.compileStreaming(fetch(new URL('inside.wasm', import.meta.url)));
const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const numbers = Array.from({ length: threads }, (_, number) => number + 1);
const pool = [];

// In a worker there is no window, however isolated the page is: there it asks wrongly.
if (globalThis.window?.SharedArrayBuffer) await Promise.all(numbers.map(onThread));
else numbers.forEach(here);

const [, most, sum] = new Int32Array(memory.buffer);
console.log(`sum ${sum}, at once ${most}`);

function onThread(number) {
  const worker = new Worker(new URL('thread.js', import.meta.url));
  pool.push(worker);
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve(worker.terminate());
    worker.onerror = ({ message }) => reject(new Error(message ?? 'the worker did not load'));
    worker.postMessage({ module, memory, number, threads });
  });
}

function here(number) {
  const { enter, leave } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  enter(number);
  leave();
}
