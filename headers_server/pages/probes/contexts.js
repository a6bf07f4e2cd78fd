/**
 * What one context has of threads, and whether memory can be shared with it.
 *
 * @typedef {object} Context
 * @property {string} kind document, frame, popup, worker, nested, shared or service
 * @property {Relation} [origin] of a frame or a pop-up
 * @property {boolean} [bare] served without the headers of the profile
 * @property {string} [corp] the value of its Cross-Origin-Resource-Policy
 * @property {string} [allow] of a frame: what it is allowed
 * @property {boolean} [credentialless] of a frame: without cookies and storage
 * @property {'module' | 'blob' | 'data'} [via] of a worker, where it is not a classic script from the server
 * @property {string} [path] another page or script than the one that answers: one that says nothing, or is not there
 * @property {WebAssembly.MemoryDescriptor} [memory] what memory is made and sent, if not a shared one
 * @property {boolean} [transfer] to send it as what cannot be shared is sent: its buffer is to be transferred
 *
 * @typedef {object} Site Where a probe finds things, and how long it may wait.
 * @property {(path: string, relation?: Relation, bare?: boolean) => string} url
 *   The URL of `path` on an origin that is, to the page's own, 'same-origin' (the default), 'same-site' or 'cross-site';
 *   under the page's profile, or `bare` of its headers.
 * @property {number} within seconds
 *
 * @typedef {'same-origin' | 'same-site' | 'cross-site'} Relation
 */

import './inside.js';
import { silence } from './silence.js';

const { add, makeMemory, port: serveHere, words } = self.inside;

const POLL = 10; // milliseconds
const TRIES = 30;
const UNSETTLED = 'unsettled';
const COUNT = 7;

/** @param {Context} context @param {Site} site */
export async function probe(context, site) {
  const closing = [];
  try {
    const opened = await settled(open(context, site, closing), site.within);
    if (opened === UNSETTLED) return { loaded: false, settled: false };
    if (opened.refused) return { loaded: false, refused: opened.refused };
    const inside = opened.port && new Inside(opened.port, site.within);
    const { memory, transfer } = context;
    const facts = opened.facts ?? (await inside.ask({ type: 'facts', memory, transfer }));
    if (typeof facts !== 'object') return { loaded: true, settled: false };
    const shared = inside && !memory && { sent: await send(inside), received: await receive(inside) };
    return { loaded: true, ...facts, ...shared, pageIsolated: self.crossOriginIsolated === true };
  } finally {
    for (const close of closing) close();
  }
}

/** What a browser as it is driven here cannot be asked. */
class Unsupported extends Error {
  name = 'unsupported';
}

/** The other side of a context's port, asked one question at a time. */
class Inside {
  #port;
  #within;

  constructor(port, within) {
    this.#port = port;
    this.#within = within;
  }

  /** @returns {Promise<unknown>} the answer; as a text, why there is none: an error's name, messageerror, unsettled */
  async ask(question) {
    return settled(
      new Promise((resolve) => {
        this.#port.onmessageerror = () => resolve('messageerror');
        this.#port.onmessage = ({ data }) => resolve(data.refused ?? data.answer);
        try {
          this.#port.postMessage(question);
        } catch (thrown) {
          resolve(thrown.name);
        }
      }),
      this.#within,
    );
  }
}

/** @returns {Promise<string>} `used`: a memory of ours arrived, and we see what a module there did to it; else why not */
async function send(inside) {
  let memory;
  try {
    memory = makeMemory();
  } catch (thrown) {
    return thrown.name;
  }
  const answer = await inside.ask({ type: 'take', memory, count: COUNT });
  if (answer !== 'taken') return answer;
  return Atomics.load(words(memory), 0) === COUNT ? 'used' : 'copied';
}

/** @returns {Promise<string>} the same of a memory that was made there, and used here */
async function receive(inside) {
  const memory = await inside.ask({ type: 'give' });
  if (typeof memory === 'string') return memory;
  add(memory, COUNT);
  return (await inside.ask({ type: 'given' })) === COUNT ? 'used' : 'copied';
}

/** @returns {Promise<object>} what `OPEN` gives; what the browser throws is a refusal, too (WebKit: a worker that CSP forbids) */
async function open(context, site, closing) {
  try {
    return await OPEN[context.kind](context, site, closing);
  } catch (thrown) {
    if (thrown instanceof DOMException) return { refused: `${thrown.name}: ${thrown.message}` };
    throw thrown;
  }
}

/**
 * How to open each kind of context.
 *
 * @type {Record<string, (context: Context, site: object, closing: (() => void)[]) => Promise<
 *   {port: MessagePort} | {facts: object, port?: MessagePort} | {refused: string}>>}
 */
const OPEN = {
  document: async () => ({ port: serveHere() }),

  frame(context, site, closing) {
    const frame = document.createElement('iframe');
    if (context.allow !== undefined) frame.allow = context.allow;
    if (context.credentialless) frame.credentialless = true;
    const id = unique();
    frame.src = file('inside.html', { ...context, id }, site);
    const hello = word(() => frame.contentWindow, closing);
    const admitted = file('inside.html', { ...context, coep: 'require-corp', corp: 'cross-origin' }, site);
    const heard = new AbortController();
    const hear = ({ source }) => source === frame.contentWindow && heard.abort();
    self.addEventListener('message', hear, { signal: heard.signal });
    const refused = silence([id], admitted, site, heard.signal).then(() => ({ refused: 'no word of it' }));
    closing.push(() => heard.abort());
    closing.push(() => frame.remove());
    document.body.append(frame);
    return Promise.race([hello, refused]);
  },

  async popup(context, site, closing) {
    const key = unique();
    let handle = null;
    const hello = word(() => handle, closing);
    handle = window.open(`${file('inside.html', context, site)}#say=${key}`);
    if (handle === null)
      throw new Unsupported('window.open gave null: this browser, or its driver, lets no pop-up open');
    closing.push(() => handle.close());
    const facts = await (await fetch(site.url(`said/${key}`))).json();
    return { ...(facts.opener && (await hello)), facts: { ...facts, closed: await closes(handle, facts.opener) } };
  },

  async worker(context, site, closing) {
    let url = file('inside.js', context, site);
    if (context.via === 'blob' || context.via === 'data') {
      const text = await (await fetch(url)).text();
      url = context.via === 'data' ? `data:text/javascript,${encodeURIComponent(text)}` : blobUrl(text, closing);
    }
    return worker(new Worker(url, { type: context.via === 'module' ? 'module' : 'classic' }), closing);
  },

  nested: (context, site, closing) => worker(new Worker(file('nested.js', context, site)), closing),

  shared(context, site, closing) {
    const shared = new SharedWorker(file('inside.js', context, site), { name: unique() });
    closing.push(() => shared.port.close());
    return new Promise((resolve) => {
      shared.port.onmessage = ({ ports: [port] }) => resolve({ port });
      shared.onerror = () => resolve({ refused: 'error event' });
    });
  },

  async service(context, site, closing) {
    if (!navigator.serviceWorker) return { refused: 'navigator.serviceWorker is undefined' };
    let registration;
    try {
      const scope = site.url('inside.scope', context.origin);
      registration = await navigator.serviceWorker.register(file('inside.js', context, site), { scope });
    } catch (thrown) {
      return { refused: `${thrown.name}: ${thrown.message}` };
    }
    closing.push(() => registration.unregister());
    const { port1, port2 } = new MessageChannel();
    const begun = registration.installing ?? registration.waiting ?? registration.active;
    await activated(begun); // until then events of its own come in between
    return new Promise((resolve) => {
      port1.onmessage = ({ ports: [port] }) => resolve({ port });
      begun.postMessage('connect', [port2]);
    });
  },
};

/** @returns {Promise<{port: MessagePort}>} what a frame or a pop-up sends first */
function word(sender, closing) {
  return new Promise((resolve) => {
    const hear = ({ source, ports: [port] }) => {
      if (port && source === sender()) resolve({ port });
    };
    self.addEventListener('message', hear);
    closing.push(() => self.removeEventListener('message', hear));
  });
}

/** @returns {Promise<boolean>} whether the page sees the pop-up as closed, of which no event tells */
async function closes(handle, isKept) {
  for (let tries = 0; !isKept && !handle.closed && tries < TRIES; tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, POLL));
  }
  return handle.closed;
}

/** @returns {Promise<void>} once a service worker has gone through its installation; never, where that fails */
function activated(worker) {
  return new Promise((resolve) => {
    const look = () => worker.state === 'activated' && resolve();
    worker.onstatechange = look;
    look();
  });
}

function worker(started, closing) {
  closing.push(() => started.terminate());
  return new Promise((resolve) => {
    started.onmessage = ({ data, ports: [port] }) => resolve(port ? { port } : data);
    started.onerror = (event) => {
      event.preventDefault();
      resolve({ refused: event.message || 'error event' });
    };
  });
}

/** @returns {string} a name that nobody else has; crypto.randomUUID is for secure contexts alone */
function unique() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16)).join('-');
}

function blobUrl(text, closing) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  closing.push(() => URL.revokeObjectURL(url));
  return url;
}

/** @returns {string} the URL of a file of this folder, with what the context wants of its response */
function file(name, { path = name, origin, bare, corp, coep, id }, site) {
  const asked = Object.entries({ corp, coep, id }).filter(([, value]) => value !== undefined);
  return site.url(path, origin, bare) + (asked.length ? `?${new URLSearchParams(asked)}` : '');
}

/** @returns {Promise<unknown>} what the promise gives, or 'unsettled' after so many seconds */
function settled(promise, seconds) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(UNSETTLED), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
