/**
 * WASI preview 1 as node has it: `node:wasi`, on files in a scratch folder.
 *
 * node:wasi works on the process's own descriptors: what a module prints goes to a file or to standard error, never to
 * our standard output, and what it read comes from a file.
 */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { Exit, Failure } from './failures.js';

const STDERR = 2;
const FIRST_PREOPEN = 3;
/** How many descriptors are looked at for what a guest left open. */
const DESCRIPTORS = 64;

/** @type {Set<string>} folders to delete when the process ends before a script does */
const scratches = new Set();
process.on('exit', () => scratches.forEach(remove));

let nothing;

/** An input at its end. */
function emptyInput() {
  nothing ??= fs.openSync(os.devNull, 'r');
  return nothing;
}

/** @typedef {(ref: import('./interpreter.js').Ref) => Promise<Uint8Array>} Load */

/**
 * What the interpreter and its threads want of WASI.
 * @param {(options: object) => Promise<import('node:wasi').WASI>} make a WASI with the options of node's
 * @param {number} first of the guest's descriptors that the WASI opened itself, and that are ours to close
 */
export function preview1(make, first = FIRST_PREOPEN) {
  return {
    /**
     * WASI for one instance.
     * @param {import('./interpreter.js').Grant} grant
     * @param {Load} load
     * @returns {Promise<import('./interpreter.js').Wasi>}
     */
    async wasi(grant, load) {
      const bare = !grant.stdin && !grant.preopens?.length;
      const scratch = bare ? null : new Scratch(await contents(grant, load));
      const runtime = await make({
        args: grant.args ?? [],
        env: grant.env ?? {},
        stdin: scratch?.stdin ?? emptyInput(),
        stdout: STDERR,
        stderr: STDERR,
        preopens: scratch?.preopens ?? {},
      });
      return given(runtime, () => {
        // Without a folder, nothing could be opened.
        if (scratch || first < FIRST_PREOPEN) closeAll(runtime, first);
        scratch?.close();
      });
    },

    /**
     * What the threads of a program share.
     * @param {import('./interpreter.js').Grant} grant
     * @param {Load} load
     * @returns {Promise<import('./wasi_threads.js').Surroundings>}
     */
    async surroundings(grant, load) {
      const scratch = new Scratch(await contents(grant, load));
      return {
        options: {
          args: grant.args ?? [],
          env: grant.env ?? {},
          preopens: scratch.preopens,
          streams: scratch.streams(),
        },
        outcome: async () => ({ ...scratch.output(), files: scratch.collect(grant.collect ?? []) }),
        close: () => scratch.close(),
      };
    },

    /**
     * WASI for one of those threads.
     * @param {object} options of `surroundings`
     * @returns {Promise<import('./interpreter.js').Wasi>}
     */
    async inThread({ streams, ...options }) {
      // By name: in deno a descriptor is its thread's own.
      const opened = streams.map(([name, flags]) => fs.openSync(name, flags));
      const [stdin, stdout, stderr] = opened;
      const runtime = await make({ ...options, stdin, stdout, stderr });
      return given(runtime, () => {
        closeAll(runtime, first);
        for (const descriptor of opened) fs.closeSync(descriptor);
      });
    },

    /**
     * Runs a command (`_start`) to its end.
     * @param {WebAssembly.Module} code
     * @param {WebAssembly.Imports} imports what else it may import
     * @param {import('./interpreter.js').Grant} grant
     * @param {Load} load
     * @returns {Promise<import('./interpreter.js').CommandOutcome>}
     */
    async command(code, imports, grant, load) {
      const scratch = new Scratch(await contents(grant, load));
      let runtime;
      try {
        runtime = await make({
          args: grant.args ?? [],
          env: grant.env ?? {},
          returnOnExit: true,
          ...scratch,
          preopens: scratch.preopens,
        });
        // What `getImportObject` gives, which node 18 has not.
        const wasi = { wasi_snapshot_preview1: runtime.wasiImport };
        const instance = await WebAssembly.instantiate(code, { ...imports, ...wasi });
        const outcome = {};
        const start = performance.now();
        try {
          outcome.exit = runtime.start(instance);
        } catch (thrown) {
          outcome.ended = thrown;
        }
        outcome.seconds = (performance.now() - start) / 1000;
        return { ...outcome, ...scratch.output(), files: scratch.collect(grant.collect ?? []) };
      } finally {
        if (runtime) closeAll(runtime, first);
        scratch.close();
      }
    },
  };
}

/** @returns {import('./interpreter.js').Wasi} */
function given(runtime, close) {
  return {
    imports: {
      ...runtime.wasiImport,
      proc_exit: (code) => {
        throw new Exit(code);
      },
    },
    // `_initialize` is the script's to call: node's own `initialize` calls what it finds, and here it finds only the
    // memory. Node 24 has `finalizeBindings` for it; with both, one way is better than two.
    bind: (memory) => runtime.initialize({ exports: { memory } }),
    close,
  };
}

/** node's own, loaded when it is first wanted: most scripts never do. */
export const { wasi, command, surroundings, inThread } = preview1(async (options) => {
  const { WASI } = await import('node:wasi');
  return new WASI({ version: 'preview1', ...options });
});

/** The grant's files with their bytes, all read before anything is made: what follows is over at once. */
async function contents({ stdin, preopens = [] }, load) {
  return {
    stdin: stdin ? await load(stdin) : new Uint8Array(),
    preopens: await Promise.all(
      preopens.map(async ({ guest, entries = [] }) => ({
        guest,
        entries: await Promise.all(
          entries.map(async (entry) => ({ ...entry, bytes: entry.data && (await load(entry.data)) })),
        ),
      })),
    ),
  };
}

/** A folder with the standard streams as files and one folder a preopen. */
class Scratch {
  #root = fs.mkdtempSync(path.join(os.tmpdir(), 'wasi-'));

  /** @param {{stdin: Uint8Array, preopens: {guest: string, entries: object[]}[]}} contents */
  constructor({ stdin, preopens }) {
    scratches.add(this.#root);
    fs.writeFileSync(this.#at('stdin'), stdin);
    this.stdin = fs.openSync(this.#at('stdin'), 'r');
    this.stdout = fs.openSync(this.#at('stdout'), 'w+');
    this.stderr = fs.openSync(this.#at('stderr'), 'w+');
    this.preopens = Object.fromEntries(preopens.map(({ guest }, nth) => [guest, this.#at(`preopen-${nth}`)]));
    for (const { guest, entries } of preopens) fill(this.preopens[guest], entries);
  }

  /** The standard streams' files, and how each of several threads opens them. @returns {[string, string][]} */
  streams() {
    return [
      [this.#at('stdin'), 'r'],
      [this.#at('stdout'), 'a'],
      [this.#at('stderr'), 'a'],
    ];
  }

  output() {
    return { stdout: fs.readFileSync(this.#at('stdout')), stderr: fs.readFileSync(this.#at('stderr')) };
  }

  /** @param {string[]} guests paths as the guest knows them @returns {Record<string, Uint8Array | null>} */
  collect(guests) {
    return Object.fromEntries(guests.map((guest) => [guest, this.#file(guest)]));
  }

  close() {
    for (const descriptor of [this.stdin, this.stdout, this.stderr]) fs.closeSync(descriptor);
    remove(this.#root);
  }

  #at(name) {
    return path.join(this.#root, name);
  }

  /** The content of the guest's file, or null where there is none; a link out of its folder is none. */
  #file(guest) {
    const within = (folder, name) => name.startsWith(`${folder.replace(/\/$/, '')}/`);
    const [folder] = Object.keys(this.preopens)
      .filter((name) => within(name, guest))
      .sort((one, other) => other.length - one.length);
    if (folder === undefined) return null;
    try {
      const root = fs.realpathSync(this.preopens[folder]);
      const file = fs.realpathSync(path.join(root, guest.slice(folder.length)));
      return within(root, file) && fs.statSync(file).isFile() ? fs.readFileSync(file) : null;
    } catch {
      return null;
    }
  }
}

function fill(folder, entries) {
  fs.mkdirSync(folder);
  for (const { path: name, directory, symlink, bytes } of entries) {
    const target = path.join(folder, name);
    if (!target.startsWith(folder + path.sep))
      throw new Failure('script', 'malformed', `${name} is not within its folder`);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    if (directory) fs.mkdirSync(target, { recursive: true });
    else if (symlink !== undefined) fs.symlinkSync(symlink, target);
    else fs.writeFileSync(target, bytes ?? new Uint8Array());
  }
}

function remove(folder) {
  fs.rmSync(folder, { recursive: true, force: true });
  scratches.delete(folder);
}

/**
 * Closes the preopened folders and what the guest left open. node:wasi would keep them until it is collected, and a
 * session makes thousands.
 */
function closeAll(runtime, first) {
  try {
    for (let nth = first; nth < DESCRIPTORS; nth += 1) runtime.wasiImport.fd_close(nth);
  } catch {
    // It refuses until it has a memory: the module could not be linked, and the collector must do it.
  }
}
