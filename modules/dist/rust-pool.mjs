/** The program: `NAME WORKERS STEPS`. It says one line, on standard output or the console. */

import { begin, finish, initSync } from './rust-pool-bindings.mjs';
import { close, done, open } from './rust-pool-workers.mjs';

const [name, workers, steps] = globalThis.process?.argv.slice(2) ?? new URL(import.meta.url).searchParams.getAll('arg');

const module = await WebAssembly.compile(await read(new URL('./rust-pool.wasm', import.meta.url)));
const { memory } = initSync({ module });
await open(Number(workers), module, memory);
begin(name, Number(workers), Number(steps));
await done();
console.log(finish());
close();

async function read(url) {
  if (!globalThis.process) return (await fetch(url)).arrayBuffer();
  const { readFile } = await import('node:fs/promises');
  return readFile(url);
}
