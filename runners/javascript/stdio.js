/**
 * The runner of PROTOCOL.md on hosts with node's interfaces: JSON lines on standard input and output. node.js, deno.js and
 * bun.js say what they are and serve.
 *
 * Scripts run on the main thread, one after the other; their threads are worker_threads.
 */

import { Worker } from 'node:worker_threads';

import { apiFindings } from './api.js';
import { Interpreter } from './interpreter.js';

const PROTOCOL = 1;

/** How long a script may still take after its host is gone, in ms (`echo … | node node.js` is no host that is gone). */
const GRACE = 10_000;

/**
 * @param {object} self
 * @param {string} self.runtime @param {string} self.version
 * @param {Record<string, string>} self.facts
 * @param {import('./interpreter.js').Host} self.host
 * @param {URL} self.input the worker that reads standard input: it posts each line, then null
 */
export function serve({ runtime, version, facts, host, input }) {
  const interpreter = new Interpreter(host);
  const write = process.stdout.write.bind(process.stdout);
  // Standard output is the protocol's alone: whatever else prints there goes to standard error. Not every console.log
  // goes through process.stdout.
  process.stdout.write = process.stderr.write.bind(process.stderr);
  console.log = console.error;
  process.removeAllListeners('warning'); // "WASI is experimental": nothing that evidence of a crash should begin with

  const answers = {
    async hello({ protocol }) {
      if (protocol !== PROTOCOL) throw new Error(`this runner speaks protocol ${PROTOCOL}, not ${protocol}`);
      return {
        type: 'hello',
        protocol: PROTOCOL,
        runtime,
        version,
        findings: await apiFindings(),
        facts: {
          ...facts,
          node: process.version,
          platform: `${process.platform} ${process.arch}`,
          flags: process.execArgv.join(' '),
        },
      };
    },

    run: (message) => interpreter.observe(message),

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
  new Worker(input, { workerData: { grace: GRACE } }).on('message', (line) => {
    last = last.then(() => (line === null ? process.exit(0) : answer(line)));
    if (line === null) setTimeout(() => process.exit(0), GRACE); // its threads may be what never comes back
  });
}
