/**
 * The runner's page: it takes messages of ../../PROTOCOL.md from a WebSocket and gives them to the dedicated worker in
 * which scripts run; probes it carries out itself. `run` has URLs where the host had paths, and `site`: the origins that
 * there are, and the paths below which they serve under the profile and without any header.
 */

import { isolation } from '../javascript/browser_isolation.js';
import * as probes from './probes.js';
import * as reports from './reports.js';
import { ScriptWorker } from './script_worker.js';

/** Response headers that say nothing about isolation, and differ from one response to the next. */
const DULL = new Set(['accept-ranges', 'content-length', 'date', 'etag', 'last-modified', 'server']);

const address = new URL(`../socket${location.search}`, location.href);
address.protocol = address.protocol.replace('http', 'ws');
const socket = new WebSocket(address);
const scripts = new ScriptWorker();

const answers = {
  reports: () => ({ reports: reports.take() }),
  async hello() {
    try {
      const worker = await scripts.hello();
      return { findings: worker.findings, facts: await facts(worker.facts) };
    } catch (error) {
      return { error: `${error.name}: ${error.message}` };
    }
  },
  run(message) {
    if (probes.asks(message.script)) return probes.run(message);
    return message.script?.[0]?.type === 'main-thread' ? runHere(message) : scripts.run(message);
  },
};

socket.onmessage = async ({ data }) => {
  const message = JSON.parse(data);
  socket.send(JSON.stringify(await answers[message.type](message)));
};

/** On the page's own thread, which nothing here can end: the host holds the deadline. */
async function runHere(message) {
  const [{ Interpreter }, { host }] = await Promise.all([
    import('../javascript/interpreter.js'),
    import('../javascript/browser_host.js'),
  ]);
  return new Interpreter(host).observe(message);
}

async function facts(worker) {
  return {
    userAgent: navigator.userAgent,
    ...isolation(),
    originAgentCluster: self.originAgentCluster ?? null,
    headers: await headers(location.href, 'document'),
    worker,
    workerHeaders: await headers(ScriptWorker.url, 'worker'),
  };
}

/** @returns {Promise<Record<string, string>>} the headers that came with `url` as a document or a worker's script; names in lower case */
async function headers(url, kind) {
  const asked = new URL(url);
  asked.searchParams.set('headers-kind', kind); // a fetch would otherwise get what fetches get
  const response = await fetch(asked, { cache: 'no-store' });
  return Object.fromEntries([...response.headers].filter(([name]) => !DULL.has(name)));
}
