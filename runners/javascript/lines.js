/** The lines of standard input, for the main thread: what node_input.js and file_input.js do with their stream. */

import { createInterface } from 'node:readline';
import { parentPort, workerData } from 'node:worker_threads';

/** ms for a main thread that can still end by itself. */
const MORE = 500;

/** Posts each line, then null. @param {import('node:stream').Readable} input */
export function forward(input) {
  createInterface({ input, crlfDelay: Infinity })
    .on('line', (line) => parentPort.postMessage(line))
    .on('close', () => {
      parentPort.postMessage(null);
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), workerData.grace + MORE);
    });
}
