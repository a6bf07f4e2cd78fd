/** The entry of a thread worker in bun. */

import { parentPort } from 'node:worker_threads';

import { inThread, wasi } from './bun_wasi.js';
import { serve } from './thread.js';

console.log = console.error; // its console does not go through the worker's stdout
serve(parentPort, wasi, inThread);
