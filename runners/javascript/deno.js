/** The runner on deno, with its own `node:` modules: `deno run --allow-all [flags] deno.js`. */

import { command, surroundings, wasi } from './deno_wasi.js';
import { hostWith } from './node_host.js';
import { programs } from './node_program.js';
import { serve } from './stdio.js';

const OFFLINE = ['--quiet', '--no-prompt', '--no-config', '--no-lock', '--no-remote', '--no-npm', '--no-code-cache'];
/** What package.json says of a folder, `--no-npm` makes it forget. */
const COMMONJS = '--unstable-detect-cjs';

const program = programs((folder) => ({
  command: [Deno.execPath(), 'run', ...OFFLINE, COMMONJS, `--allow-read=${folder}`],
  env: { DENO_DIR: `${folder}/.deno`, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' },
}));

serve({
  runtime: 'deno',
  version: Deno.version.deno,
  facts: { v8: Deno.version.v8 },
  host: hostWith({ thread: new URL('deno_thread.js', import.meta.url), wasi, command, surroundings, program }),
  input: new URL('file_input.js', import.meta.url),
});
