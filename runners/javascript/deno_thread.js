/** The entry of a thread worker in deno. */

import { parentPort } from 'node:worker_threads';

import { inThread, wasi } from './deno_wasi.js';
import { serve } from './thread.js';

serve(parentPort, wasi, inThread);
