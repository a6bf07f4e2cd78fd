/**
 * node_input.js for deno and bun, whose file streams read a pipe, too. A net.Socket on a descriptor is nothing for bun, and
 * closes it under deno's own standard input: a file that is opened next may get its number, and be closed in its place.
 */

import fs from 'node:fs';

import { forward } from './lines.js';

forward(fs.createReadStream(null, { fd: 0, autoClose: false }));
