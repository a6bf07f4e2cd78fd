import { args_get, args_sizes_get, environ_get, environ_sizes_get } from './wasi_snapshot_preview1';
import { check } from './refusal';

// Node.js refuses to fill an empty environment (inval), so what is empty is not asked for, as in wasi-libc.

/** How many texts there are and how many bytes they take, as the host tells it. */
const count = memory.data(4, 4);
const bytes = memory.data(4, 4);

/** The texts that `pointers`, an array of addresses, points at; each ends with a NUL. */
function texts(pointers: usize): Array<string> {
  const all: Array<string> = [];
  for (let i: usize = 0; i < load<usize>(count); i++) {
    all.push(String.UTF8.decodeUnsafe(load<usize>(pointers + i * sizeof<usize>()), load<usize>(bytes), true));
  }
  return all;
}

/** The command's name, then its arguments. */
export function argv(): Array<string> {
  check(args_sizes_get(count, bytes), 'args');
  const pointers = heap.alloc(load<usize>(count) * sizeof<usize>());
  if (load<usize>(count) != 0) check(args_get(pointers, heap.alloc(load<usize>(bytes))), 'args');
  return texts(pointers);
}

/** The environment's `NAME=VALUE`. */
export function environ(): Array<string> {
  check(environ_sizes_get(count, bytes), 'env');
  const pointers = heap.alloc(load<usize>(count) * sizeof<usize>());
  if (load<usize>(count) != 0) check(environ_get(pointers, heap.alloc(load<usize>(bytes))), 'env');
  return texts(pointers);
}
