/**
 * Reads the runner's standard input on a thread of its own, so that its end is seen while the main thread is inside a
 * module that never comes back. Entry of a worker: posts each line, then null.
 */

import fs from 'node:fs';
import net from 'node:net';
import { createInterface } from 'node:readline';
import { parentPort, workerData } from 'node:worker_threads';

const STDIN = 0;

/** ms for a main thread that can still end by itself. */
const MORE = 500;

/** process.stdin of a thread is fed by the main thread: the very one that may be busy. */
const kind = fs.fstatSync(STDIN);
const input =
  kind.isFIFO() || kind.isSocket()
    ? new net.Socket({ fd: STDIN, readable: true, writable: false })
    : fs.createReadStream(null, { fd: STDIN, autoClose: false });

createInterface({ input, crlfDelay: Infinity })
  .on('line', (line) => parentPort.postMessage(line))
  .on('close', () => {
    parentPort.postMessage(null);
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), workerData.grace + MORE);
  });
