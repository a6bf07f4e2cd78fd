/** The seam of interpreter.js for browsers: in a dedicated worker (worker.js), or on a page that imports it. */

import { decode } from './base64.js';
import { OPTIONS } from './codes.js';
import { Failure } from './failures.js';

const HEX = 16;

const MIB = 2 ** 20;
/** In bytes, since no worker can ask: what a page takes, and what each Worker of it takes at the most. */
const [PAGE, WORKER] = [512 * MIB, 4 * MIB];

/** @type {import('./interpreter.js').Host} */
export const host = {
  load,
  stream,
  // A URL of this file's own origin: beside the headers of this page, the thread's script wants some of its own.
  worker: () => new Worker(new URL('browser_thread.js', import.meta.url), { type: 'module' }),
  room: ({ running, more, memory }) => PAGE + (running + more) * WORKER <= memory,
  wasi,
  program,
  surroundings: async (grant) => (await import('./wasi_shim.js')).surroundings(grant, load),
};

/** The shim is asked for only by a module that imports WASI: nothing else waits for it, or fails without it. */
export async function wasi(grant) {
  const shim = await import('./wasi_shim.js');
  return shim.wasi(grant);
}

/** A document runs it; this worker has none, and asks its page (../browser/web/program_frame.js). */
async function program({ main, args, url, place }) {
  const { port1, port2 } = new MessageChannel();
  const ended = new Promise((resolve) => (port1.onmessage = ({ data }) => resolve(data)));
  self.postMessage({ type: 'program', url, main, args, place }, [port2]);
  const { error, stdout, stderr, ...rest } = await ended;
  port1.close();
  if (error) throw new Failure('program', error.name, [error.message, stderr].filter(Boolean).join('; its stderr: '));
  const encoder = new TextEncoder();
  return { ...rest, on: 'page', stdout: encoder.encode(stdout), stderr: encoder.encode(stderr) };
}

/** WASI for a thread of a WASI program. */
export async function inThread(options, port) {
  const shim = await import('./wasi_shim.js');
  return shim.inThread(options, port);
}

async function load(ref) {
  if (ref.base64 !== undefined) return decode(ref.base64);
  const bytes = await (await get(ref.url)).arrayBuffer();
  // Where the context is not secure there is no `crypto.subtle`.
  const found = globalThis.crypto?.subtle ? hex(await crypto.subtle.digest('SHA-256', bytes)) : ref.sha256;
  if (found !== ref.sha256) throw new Failure('fetch', 'hash', `${ref.url} has sha256 ${found}, not ${ref.sha256}`);
  return new Uint8Array(bytes);
}

async function stream(ref, via, imports) {
  const response = await get(ref.url);
  try {
    return await WebAssembly.instantiateStreaming(response, imports, OPTIONS);
  } catch (error) {
    // A TypeError like those of linking; that it is the response's, its text alone says.
    if (error instanceof TypeError && /MIME/.test(error.message)) {
      throw new Failure('compile', error.name, error.message);
    }
    throw error;
  }
}

async function get(url) {
  let response;
  try {
    response = await fetch(url);
  } catch (error) {
    throw new Failure('fetch', error.name, `${url}: ${error.message}`);
  }
  if (!response.ok) throw new Failure('fetch', `HTTP ${response.status}`, `${url}: ${response.statusText}`);
  return response;
}

function hex(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(HEX).padStart(2, '0')).join('');
}
