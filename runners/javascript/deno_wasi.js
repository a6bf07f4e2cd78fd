/**
 * WASI preview 1 as deno has it: its `node:wasi`, which differs from node's in what is bridged here.
 *
 * With `stdout: 2` the guest still writes to the process's standard output, which is the protocol's; another descriptor of
 * the same stream is honoured. It can go when `new WASI({ stdout: 2, … })` prints to standard error.
 */

import fs from 'node:fs';

import { Failure } from './failures.js';
import { preview1 } from './node_wasi.js';

const STDIN = 0; // it makes duplicates of the standard streams that it is given, from here on
const STDERR = 2;

let reopened;

function elsewhere(descriptor) {
  if (descriptor !== STDERR) return descriptor;
  reopened ??= fs.openSync('/dev/stderr', 'a');
  return reopened;
}

export const { wasi, command, surroundings, inThread } = preview1(async ({ stdout, stderr, ...options }) => {
  const { WASI } = await import('node:wasi');
  try {
    return new WASI({ version: 'preview1', ...options, stdout: elsewhere(stdout), stderr: elsewhere(stderr) });
  } catch (error) {
    // Older ones have the module and nothing in it.
    if (/not supported/.test(error.message)) throw new Failure('wasi', 'unsupported', error.message);
    throw error;
  }
}, STDIN);
