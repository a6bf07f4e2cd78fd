/** A thread of main.mjs: it stays inside until all are there, or five seconds. */

const MOST = 1; // the word
const PATIENCE = 5000; // milliseconds

self.onmessage = ({ data: { module, memory, number, threads } }) => {
  const { enter, leave } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  enter(number);
  const words = new Int32Array(memory.buffer);
  let most = Atomics.load(words, MOST);
  while (most < threads && Atomics.wait(words, MOST, most, PATIENCE) !== 'timed-out') most = Atomics.load(words, MOST);
  leave();
  self.postMessage('left');
};
