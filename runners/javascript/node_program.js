/**
 * Programs with JavaScript of their own, on hosts with node's interfaces: each is a process of its own, as users start it,
 * with its files in a folder of its own, an empty environment and standard input at its end. How it is confined to that folder
 * is the host's affair.
 */

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { Failure } from './failures.js';

/**
 * Runs a command that ends with its standard input: with us, even where nothing of us is left to end it. Its exit code is the
 * command's, or 128 and the number of the signal.
 */
const GUARD = `
exec 3<&0
"$@" 3<&- </dev/null & program=$!
{ read -r _; kill -9 "$program"; } <&3 3<&- >/dev/null 2>&1 & guard=$!
wait "$program"; code=$?
kill -9 "$guard" 2>/dev/null
exit "$code"`;

/** What starts another program in a worker thread; its exit code is the thread's, its uncaught error ours. */
const IN_WORKER = `
const { Worker } = require('node:worker_threads');
const [main, ...argv] = process.argv.slice(2);
new Worker(main, { argv }).on('exit', (code) => (process.exitCode = code));
`;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.on('exit', () => running.forEach((child) => child.stdin.destroy()));

/**
 * @param {(folder: string) => {command: string[], env?: Record<string, string>}} confined what starts a file of the folder,
 *   and lets it read nothing else; may throw Failure('program', 'unsupported', …)
 * @returns {import('./interpreter.js').Host['program']}
 */
export function programs(confined) {
  return async ({ main, files, args, place }, load) => {
    const contents = await Promise.all(
      Object.entries(files).map(async ([name, ref]) => [name, await load(ref)]), // all read before anything is made
    );
    const folder = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'program-'));
    try {
      const { command, env = {} } = confined(folder);
      // What has no other word for it is CommonJS: that is what toolchains write.
      fs.writeFileSync(path.join(folder, 'package.json'), '{"type": "commonjs"}\n');
      for (const [name, bytes] of contents) fs.writeFileSync(path.join(folder, name), bytes);
      const program = [path.join(folder, main), ...args];
      if (place === 'worker') {
        program.unshift(path.join(folder, '.in-worker.cjs')); // no file of a program has such a name
        fs.writeFileSync(program[0], IN_WORKER);
      }
      return await ran([...command, ...program], folder, env);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  };
}

function ran(command, cwd, env) {
  const start = performance.now();
  const child = spawn('/bin/sh', ['-c', GUARD, 'sh', ...command], { cwd, env });
  running.add(child);
  const output = { stdout: [], stderr: [] };
  for (const [name, chunks] of Object.entries(output)) child[name].on('data', (chunk) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Failure('program', error.code ?? error.name, error.message)));
    child.on('close', (exit) => {
      running.delete(child);
      const seconds = (performance.now() - start) / 1000;
      resolve({
        exit,
        on: 'process',
        stdout: Buffer.concat(output.stdout),
        stderr: Buffer.concat(output.stderr),
        seconds,
      });
    });
  });
}
