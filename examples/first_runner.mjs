// The least that is a runner, to begin with: one module, calls of integers, memory. my_runner.py is a whole one.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const PHASES = { wasi: 'wasi', spawn: 'spawn', memory: 'memory' };
class Failed extends Error {
  constructor(phase, message, name = 'unsupported') {
    super(message);
    Object.assign(this, { phase, name });
  }
}

const KINDS = [['unreachable', 'unreachable'], ['divide by zero', 'integer divide by zero'],
  ['divide result unrepresentable', 'integer overflow'], ['memory access out of bounds', 'out of bounds memory access']];
const trap = ({ message }) =>
  ({ trap: { kinds: KINDS.filter(([words]) => message.includes(words)).map(([, kind]) => kind), message } });
const integer = (type) => {
  if (type !== 'i32' && type !== 'i64') throw new Failed('call', `this runner has no ${type}`);
  return type === 'i32' ? { in: (text) => Number(text), out: (value) => String(value >>> 0) }
    : { in: BigInt, out: (value) => String(BigInt.asUintN(64, value)) };
};

const commands = {
  module({ path, sha256 }) {
    const bytes = readFileSync(path);
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw new Failed('fetch', path, 'hash');
    if (!WebAssembly.validate(bytes)) throw new Failed('compile', 'it does not validate', 'CompileError');
    const module = new WebAssembly.Module(bytes);
    const [imported] = WebAssembly.Module.imports(module);
    if (imported) throw new Failed(imported.module.startsWith('wasi') ? 'wasi' : 'link', `no ${imported.module}.${imported.name}`);
    this.exports = new WebAssembly.Instance(module).exports;
    return {};
  },
  action({ action: { type, field, args = [] }, results = [] }) {
    if (args.some((arg) => arg.bound) || results.length > 1) throw new Failed('call', 'this runner has no such call');
    const [given, back] = [args.map((arg) => integer(arg.type).in(arg.value)), results.map(integer)];
    const start = performance.now();
    const value = type === 'get' ? this.exports[field].value : this.exports[field](...given);
    const seconds = (performance.now() - start) / 1000;
    return { values: back.map((one, index) => ({ type: results[index], value: one.out(value) })), seconds };
  },
  read({ address, length }) {
    return { bytes: Buffer.from(this.exports.memory.buffer, address, length).toString('base64') };
  },
};
commands.assert_return = commands.assert_trap = commands.action;

function run(script) {
  const [state, results] = [{}, []];
  for (const command of script) {
    try {
      if (!Object.hasOwn(commands, command.type)) throw new Failed(PHASES[command.type] ?? 'script', `this runner has no ${command.type}`);
      results.push(commands[command.type].call(state, command));
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) { results.push(trap(error)); continue; }
      const { phase = 'call', name, message } = error;
      return [...results, { error: { phase, name, message } }];
    }
  }
  return results;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { type, id, script } = JSON.parse(line);
  if (type === 'bye') break;
  const hello = { protocol: 1, runtime: 'first', version: process.version };
  const start = performance.now();
  const answer = type === 'hello' ? hello : { type: 'observation', id, results: run(script) };
  console.log(JSON.stringify({ type, ...answer, seconds: (performance.now() - start) / 1000 }));
}
