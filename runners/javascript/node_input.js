/**
 * Reads the runner's standard input on a thread of its own, so that its end is seen while the main thread is inside a
 * module that never comes back. Entry of a worker: posts each line, then null.
 */

import fs from 'node:fs';
import net from 'node:net';

import { forward } from './lines.js';

const STDIN = 0;

/** process.stdin of a thread is fed by the main thread: the very one that may be busy. */
const kind = fs.fstatSync(STDIN);
forward(
  kind.isFIFO() || kind.isSocket()
    ? new net.Socket({ fd: STDIN, readable: true, writable: false })
    : fs.createReadStream(null, { fd: STDIN, autoClose: false }),
);
