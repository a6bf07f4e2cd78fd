/** One running script: its instances, memories, names and threads, and what each command does with them. */

import { callable, globalWords } from './adapter.js';
import { Views } from './atomics.js';
import { decode, encode } from './base64.js';
import { Failure, malformed, report } from './failures.js';
import { importsOf, maker, ownMemory, wants, WASI, withWasi } from './instances.js';
import { memoryImport } from './memory_import.js';
import { Team } from './team.js';
import { References, fromWords, isType, toWords } from './values.js';
import { WasiProgram } from './wasi_threads.js';

const PAGE = 65536;
/** What is beyond reason, and would look like a hang. */
const MOST_REPEATS = 1_000_000;
const MOST_WORKERS = 1024;

const FILE_NAME = /^\w[\w.-]*$/;

const ADDRESS_BITS = { i32: 32, i64: 64 };

/** What each command does, and the phase of an error that does not know its own. */
const COMMANDS = {
  module: ['instantiate', 'load'],
  register: ['link', 'register'],
  memory: ['memory', 'createMemory'],
  action: ['call', 'act'],
  assert_return: ['call', 'act'],
  assert_trap: ['call', 'act'],
  assert_exhaustion: ['call', 'act'],
  assert_exception: ['call', 'act'],
  assert_invalid: ['instantiate', 'tryModule'],
  assert_malformed: ['instantiate', 'tryModule'],
  assert_unlinkable: ['instantiate', 'tryModule'],
  assert_uninstantiable: ['instantiate', 'tryModule'],
  write: ['memory', 'write'],
  read: ['memory', 'read'],
  pages: ['memory', 'pages'],
  view: ['memory', 'view'],
  atomics: ['memory', 'atomics'],
  await: ['memory', 'settle'],
  'main-thread': ['script', 'onMainThread'],
  spawn: ['spawn', 'spawn'],
  join: ['spawn', 'join'],
  wasi: ['instantiate', 'command'],
  request: ['request', 'request'],
  probe: ['probe', 'probe'],
  program: ['program', 'program'],
};

/**
 * @typedef {object} Loaded An instance of one of the script's modules.
 * @property {WebAssembly.Module} code
 * @property {WebAssembly.Exports} exports
 */

export class Script {
  #host;
  #codes;
  #pool;
  #references = new References();
  /** @type {Map<string, import('./values.js').Value>} */
  #bound = new Map();
  /** @type {Loaded | null} */
  #current = null;
  /** @type {Map<string, Loaded>} */
  #named = new Map();
  /** @type {{as: string, code: WebAssembly.Module, exports: WebAssembly.Exports}[]} in order */
  #registered = [];
  /** @type {Map<string, WebAssembly.ModuleImports>} memories that the script made, beside them */
  #memories = new Map();
  /** @type {WebAssembly.Memory | null} the last of them */
  #memory = null;
  #views = new Views();
  /** @type {Team[]} */
  #teams = [];
  /** @type {(() => void)[]} */
  #closing = [];
  #memoryLimit;

  /**
   * @param {import('./interpreter.js').Host} host
   * @param {import('./codes.js').Codes} codes
   * @param {import('./team.js').Pool} pool
   * @param {number} [memoryLimit] in bytes
   */
  constructor(host, codes, pool, memoryLimit) {
    this.#host = host;
    this.#codes = codes;
    this.#pool = pool;
    this.#memoryLimit = memoryLimit;
  }

  /** @param {{type: string}} command @returns {Promise<object>} its entry in `results` */
  async step(command) {
    const [phase, method] = COMMANDS[command?.type] ?? [];
    try {
      if (!method) throw malformed(`no such command: ${JSON.stringify(command?.type)}`);
      return await this[method](command);
    } catch (thrown) {
      return report(thrown, phase);
    }
  }

  /** Ends what still runs and frees what was granted. */
  close() {
    for (const team of this.#teams) team.end();
    for (const close of this.#closing) close();
  }

  async load(command) {
    this.#current = null; // also when it fails: nobody shall mistake an older instance for it
    const loaded = await this.#instantiate(command);
    this.#current = loaded;
    if (command.name !== undefined) this.#named.set(command.name, loaded);
    return {};
  }

  async tryModule(command) {
    await this.#instantiate(command);
    return {};
  }

  register({ as, name }) {
    const namespace = text(as, 'as');
    const { code, exports } = this.#instance(name, 'link');
    this.#registered.push({ as: namespace, code, exports });
    return {};
  }

  createMemory({ as, minimum, maximum, shared }) {
    if (!Array.isArray(as) || as.length !== 2) throw malformed('a memory wants its two names in "as"');
    const [module, field] = as;
    this.#memory = new WebAssembly.Memory({ initial: minimum, maximum, shared: shared ?? false });
    this.#memories.set(module, { ...this.#memories.get(module), [field]: this.#memory });
    return {};
  }

  act({ action, results = [], bind, repeat = null }) {
    if (!['invoke', 'get'].includes(action?.type)) throw malformed('an action is an invoke or a get');
    if (!Array.isArray(results) || !results.every(isType)) throw malformed('"results" must be a list of types');
    if (repeat !== null) count(repeat, 'repeat', 1, MOST_REPEATS);
    const { exports } = this.#instance(action.module, 'call');
    const field = text(action.field, 'field');
    if (!Object.hasOwn(exports, field)) throw new Failure('call', 'no-export', `the module does not export ${field}`);
    const outcome =
      action.type === 'get'
        ? { values: this.#global(exports[field], field, results), seconds: 0 }
        : this.#invoke(exports[field], field, action.args ?? [], results, repeat);
    if (bind !== undefined && outcome.values.length) this.#bound.set(bind, outcome.values[0]);
    return outcome;
  }

  write({ address, data }) {
    return this.#withData(data, (bytes) => {
      this.#window(address, bytes.length).set(bytes);
      return {};
    });
  }

  read({ address, length }) {
    count(length, 'length', 0, Infinity);
    return { bytes: encode(this.#window(address, length).slice()) }; // a copy: encoders may refuse shared bytes
  }

  pages() {
    return { pages: this.#linearMemory().buffer.byteLength / PAGE };
  }

  view({ name, element }) {
    return this.#views.view(text(name, 'name'), element, () => this.#linearMemory());
  }

  atomics(command) {
    count(command.index, 'index', 0, Infinity);
    if (command.repeat !== undefined) count(command.repeat, 'repeat', 1, MOST_REPEATS);
    return this.#views.call(command);
  }

  settle({ name }) {
    return this.#views.settle(name);
  }

  /** Where this runs a page has put the script by now; elsewhere a script is on the main thread anyway. */
  onMainThread() {
    return {};
  }

  async spawn({ workers, atomics, ...call }) {
    count(workers, 'workers', 1, MOST_WORKERS);
    const orders = Array.from({ length: workers }, (_, tid) =>
      atomics === undefined ? this.#callOrder(tid, call) : { atomics, memory: this.#linearMemory() },
    );
    const team = new Team(this.#pool, this.#memoryLimit);
    const refused = await team.start(orders);
    if (!refused) this.#teams.push(team);
    return refused ?? {};
  }

  /** What the worker of that number calls. */
  #callOrder(tid, { field, arg, name, stack, tls }) {
    return {
      code: this.#instance(name, 'spawn').code,
      registered: this.#registered.map(({ as, code }) => ({ as, code })),
      memories: [...this.#memories],
      field: text(field, 'field'),
      tid,
      arg: this.#address(arg) | 0,
      stackPointer: stack && this.#address(stack.address) + (tid + 1) * stack.size,
      tls: tls && this.#address(tls.address) + tid * tls.size,
    };
  }

  async join() {
    const team = this.#teams.pop();
    if (!team) throw malformed('nothing was spawned');
    return team.join();
  }

  async command(grant) {
    const code = await this.#codes.get(file(grant));
    const threaded = wants(code, 'wasi');
    if (!threaded && !this.#host.command)
      throw new Failure('wasi', 'unsupported', 'this runtime has no WASI of its own');
    const { ended, stdout, stderr, files, ...rest } = threaded
      ? await this.#threaded(code, grant)
      : await this.#host.command(code, this.#imports(), grant);
    return {
      ...rest,
      ...(ended === undefined ? {} : report(ended, 'call')),
      stdout: encode(stdout),
      stderr: encode(stderr),
      files: Object.fromEntries(Object.entries(files).map(([path, bytes]) => [path, bytes && encode(bytes)])),
    };
  }

  /** A command that starts threads. */
  async #threaded(code, grant) {
    const surroundings = await this.#host.surroundings(grant);
    try {
      const imported = memoryImport(await this.#host.load(file(grant)));
      if (!imported) throw new Failure('link', 'no-memory', 'a program that starts threads imports its memory');
      const { module, name, limits } = imported;
      const memories = [{ module, name, memory: new WebAssembly.Memory(limits) }];
      const ended = await new WasiProgram(this.#pool, code, memories, surroundings).run();
      return { threads: 'host', ...ended, ...(await surroundings.outcome()) };
    } finally {
      surroundings.close();
    }
  }

  request() {
    throw new Failure('request', 'unsupported', 'this runtime serves no HTTP');
  }

  probe() {
    throw new Failure('probe', 'unsupported', 'no page carries out this script');
  }

  async program({ main, files, args = [], in: place, url }) {
    if (!this.#host.program) {
      throw new Failure('program', 'unsupported', "the program's ABI is JavaScript of node or of a page");
    }
    if (!Object.hasOwn(Object(files), text(main, 'main'))) throw malformed('"main" is none of "files"');
    if (!Object.keys(files).every((name) => FILE_NAME.test(name)))
      throw malformed('a file of a program has a plain name');
    if (!Array.isArray(args)) throw malformed('"args" must be a list');
    if (place !== undefined && place !== 'worker') throw malformed('"in" is "worker", or left out');
    const { stdout, stderr, ...rest } = await this.#host.program({ main, files, args, place, url });
    return { ...rest, stdout: encode(stdout), stderr: encode(stderr) };
  }

  /** @returns {Promise<Loaded>} */
  async #instantiate(command) {
    const streaming = command.via !== undefined && this.#host.stream !== undefined;
    const code = streaming ? null : await this.#codes.get(file(command));
    const grant = async () => {
      const wasi = await this.#host.wasi(command.wasi ?? {});
      this.#closing.push(wasi.close);
      return wasi;
    };
    const make = streaming ? (imports) => this.#host.stream(command, command.via, imports) : maker(code);
    // A stream is linked before anybody knows what the module imports: what it does not import does no harm.
    const { module, instance } = await withWasi(this.#imports(), streaming || wants(code, WASI), grant, make);
    return { code: module, exports: instance.exports };
  }

  #imports() {
    return importsOf(
      this.#registered.map(({ as, exports }) => [as, exports]),
      this.#memories,
    );
  }

  #instance(name, phase) {
    const loaded = name === undefined ? this.#current : this.#named.get(name);
    if (!loaded) throw new Failure(phase, 'no-module', name === undefined ? 'no current module' : `no module ${name}`);
    return loaded;
  }

  #invoke(target, field, args, results, repeat) {
    if (typeof target !== 'function') throw new Failure('call', 'no-export', `${field} is not a function`);
    if (!Array.isArray(args)) throw malformed('"args" must be a list');
    const given = args.map((value) => this.#value(value));
    const words = given.flatMap((value) => toWords(value, this.#references));
    const call = callable(
      target,
      given.map(({ type }) => type),
      results,
    );
    const times = [];
    let outcome;
    for (let nth = 0; nth < (repeat ?? 1); nth += 1) {
      const start = performance.now();
      outcome = call(...words);
      times.push((performance.now() - start) / 1000);
    }
    return {
      values: fromWords(results, outcome, this.#references),
      seconds: times.reduce((sum, time) => sum + time, 0),
      ...(repeat === null ? {} : { times }),
    };
  }

  #global(target, field, results) {
    if (!(target instanceof WebAssembly.Global)) throw new Failure('call', 'no-export', `${field} is not a global`);
    if (results.length !== 1) throw malformed('a global has one value: "results" names its type');
    return fromWords(results, globalWords(target, results[0]), this.#references);
  }

  /** A value, or what it stands for. */
  #value(value) {
    if (typeof value?.type !== 'string' && typeof value?.bound !== 'string') {
      throw malformed(`not a value: ${JSON.stringify(value)}`);
    }
    if (value.bound === undefined) return value;
    const base = this.#bound.get(value.bound);
    if (!base) throw malformed(`nothing is bound to ${value.bound}`);
    const type = value.type ?? base.type;
    if (value.plus === undefined) return { ...base, type };
    const sum = BigInt(base.value) + BigInt(value.plus);
    return { type, value: BigInt.asUintN(ADDRESS_BITS[type] ?? 64, sum).toString() };
  }

  /** @returns {number} where a plain integer, a value or a bound one points */
  #address(address) {
    const number = typeof address === 'number' ? address : Number(this.#value(address).value);
    if (!Number.isSafeInteger(number) || number < 0) throw malformed(`${JSON.stringify(address)} is not an address`);
    return number;
  }

  #linearMemory() {
    const memory = (this.#current && ownMemory(this.#current.exports)) ?? this.#memory;
    if (!memory) throw new Failure('memory', 'no-memory', 'the module exports none and the script made none');
    return memory;
  }

  #window(address, length) {
    const at = this.#address(address);
    const { buffer } = this.#linearMemory();
    if (at + length > buffer.byteLength) {
      const range = `${at} … ${at + length}`;
      throw new Failure('memory', 'out-of-range', `${range} is not within the memory's ${buffer.byteLength} bytes`);
    }
    return new Uint8Array(buffer, at, length);
  }

  /** Inline data need no wait: only what is in a file does. */
  #withData(data, use) {
    if (data?.base64 !== undefined) return use(decode(data.base64));
    if (data?.sha256 !== undefined) return this.#host.load(file(data)).then(use);
    throw malformed('data are {"base64"} or {"sha256", "path"}');
  }
}

/** A number of things. */
function count(value, key, least, most) {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw malformed(`"${key}" must be a whole number from ${least} to ${most}, not ${JSON.stringify(value)}`);
  }
  return value;
}

function file(ref) {
  text(ref.sha256, 'sha256');
  return ref;
}

function text(value, key) {
  if (typeof value !== 'string') throw malformed(`"${key}" must be a string, not ${JSON.stringify(value)}`);
  return value;
}
