/** The runner on node: `node [flags] node.js`. */

import { Failure } from './failures.js';
import { hostWith } from './node_host.js';
import { programs } from './node_program.js';
import { command, surroundings, wasi } from './node_wasi.js';
import { serve } from './stdio.js';

/** The permission model: since node 20; under its own name since 23.5. */
const PERMISSION = ['--permission', '--experimental-permission'].find((flag) =>
  process.allowedNodeEnvironmentFlags.has(flag),
);

const program = programs((folder) => {
  if (!PERMISSION)
    throw new Failure('program', 'unsupported', `node ${process.versions.node} cannot confine a program`);
  const grant = [PERMISSION, `--allow-fs-read=${folder}/*`, '--allow-worker'];
  return { command: [process.execPath, ...process.execArgv, ...grant], env: { NODE_NO_WARNINGS: '1' } };
});

serve({
  runtime: 'node',
  version: process.versions.node,
  facts: { v8: process.versions.v8 },
  host: hostWith({ thread: new URL('node_thread.js', import.meta.url), wasi, command, surroundings, program }),
  input: new URL('node_input.js', import.meta.url),
});
