/** The runner on node: `node [flags] node.js`. */

import { hostWith } from './node_host.js';
import { command, wasi } from './node_wasi.js';
import { serve } from './stdio.js';

serve({
  runtime: 'node',
  version: process.versions.node,
  facts: { v8: process.versions.v8 },
  host: hostWith({ thread: new URL('node_thread.js', import.meta.url), wasi, command }),
  input: new URL('node_input.js', import.meta.url),
});
