/**
 * The runner of PROTOCOL.md on node: `node [flags] node.js`, JSON lines on standard input and output.
 *
 * Scripts run on the main thread, one after the other; their threads are worker_threads.
 */

import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

import { supported } from './features.js';
import { Interpreter } from './interpreter.js';
import { host } from './node_host.js';

const PROTOCOL = 1;

/** How long a script may still take after its host is gone, in ms (`echo … | node node.js` is no host that is gone). */
const GRACE = 10_000;

const interpreter = new Interpreter(host);
const write = process.stdout.write.bind(process.stdout);
// Standard output is the protocol's alone: whatever else prints there (console.log included) goes to standard error.
process.stdout.write = process.stderr.write.bind(process.stderr);
process.removeAllListeners('warning'); // "WASI is experimental": nothing that evidence of a crash should begin with

const answers = {
  hello({ protocol }) {
    if (protocol !== PROTOCOL) throw new Error(`this runner speaks protocol ${PROTOCOL}, not ${protocol}`);
    return {
      type: 'hello',
      protocol: PROTOCOL,
      runtime: 'node',
      version: process.versions.node,
      features: supported(JSON.parse(readFileSync(new URL('../features.json', import.meta.url), 'utf8'))),
      facts: {
        v8: process.versions.v8,
        node: process.version,
        platform: `${process.platform} ${process.arch}`,
        flags: process.execArgv.join(' '),
      },
    };
  },

  async run({ id, script }) {
    const start = performance.now();
    const results = await interpreter.run(script);
    return { type: 'observation', id, results, seconds: (performance.now() - start) / 1000 };
  },

  bye() {
    process.exit(0);
  },
};

async function answer(line) {
  const message = JSON.parse(line);
  if (!Object.hasOwn(answers, message.type)) throw new Error(`no such message: ${message.type}`);
  const reply = await answers[message.type](message);
  write(`${JSON.stringify(reply)}\n`);
}

let last = Promise.resolve();
new Worker(new URL('node_input.js', import.meta.url), { workerData: { grace: GRACE } }).on('message', (line) => {
  last = last.then(() => (line === null ? process.exit(0) : answer(line)));
  if (line === null) setTimeout(() => process.exit(0), GRACE); // its threads may be what never comes back
});
