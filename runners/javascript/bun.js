/** The runner on bun, with its own `node:` modules: `bun run bun.js`. */

import { command, surroundings, wasi } from './bun_wasi.js';
import { hostWith } from './node_host.js';
import { programs } from './node_program.js';
import { serve } from './stdio.js';

/** It has nothing by which a program could be confined: only the compiled set's are run (docs/runtimes/README.md). */
const program = programs(() => ({ command: [process.execPath, 'run'] }));

serve({
  runtime: 'bun',
  version: Bun.version,
  facts: { revision: Bun.revision, webkit: process.versions.webkit },
  host: hostWith({ thread: new URL('bun_thread.js', import.meta.url), wasi, command, surroundings, program }),
  input: new URL('file_input.js', import.meta.url),
});
