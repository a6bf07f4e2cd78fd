/** The runner on deno, with its own `node:` modules: `deno run --allow-all [flags] deno.js`. */

import { command, wasi } from './deno_wasi.js';
import { hostWith } from './node_host.js';
import { serve } from './stdio.js';

serve({
  runtime: 'deno',
  version: Deno.version.deno,
  facts: { v8: Deno.version.v8 },
  host: hostWith({ thread: new URL('deno_thread.js', import.meta.url), wasi, command }),
  input: new URL('file_input.js', import.meta.url),
});
