/** Standard input on a thread of its own, in bun: its net.Socket takes no descriptor, its file streams read any. */

import fs from 'node:fs';

import { forward } from './lines.js';

forward(fs.createReadStream(null, { fd: 0, autoClose: false }));
