/** The entry of a thread worker in node. */

import { parentPort } from 'node:worker_threads';

import { inThread, wasi } from './node_wasi.js';
import { serve } from './thread.js';

serve(parentPort, wasi, inThread);
