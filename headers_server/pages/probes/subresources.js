/**
 * What a page may load: each of `loads` is asked for as a page would, all at once, and answers `loaded`, `blocked` or
 * `unsettled`; and whether cookies went with it, as the server saw it.
 *
 * A load has a `name`, a `kind` and a `mode` of conformance/fetching.py, a `relation`, perhaps another one `via` which it is
 * redirected, `cookies`, and a `query`: the headers that its response has.
 */

import { silence } from './silence.js';

export async function probe({ loads }, site) {
  const relations = new Set(loads.flatMap(({ relation, via }) => [relation, ...(via ? [via] : [])]));
  const jar = (relation) =>
    fetch(site.url('resources/cookie?cors=credentials', relation, true), { credentials: 'include' });
  await Promise.all([...relations].map(jar));
  const tokens = loads.map(() => crypto.getRandomValues(new Uint32Array(4)).join('-'));
  const over = new AbortController();
  const silent = silences(loads, tokens, site, over.signal);
  const ends = await Promise.all(loads.map((load, index) => settled(load, tokens[index], site, silent)));
  over.abort();
  const requests = new Map((await log(tokens, site)).map((entry) => [entry.id, entry]));
  const facts = {};
  loads.forEach(({ name }, index) => {
    facts[name] = ends[index];
    facts[`${name}: cookies`] = requests.get(tokens[index])?.cookie ?? null;
  });
  return facts;
}

/** @returns {Map<string, Promise<void>>} by relation: settles once its frames that have told nothing are blocked */
function silences(loads, tokens, site, over) {
  const frames = new Map();
  loads.forEach(({ kind, relation }, index) => {
    if (kind === 'frame') frames.set(relation, [...(frames.get(relation) ?? []), tokens[index]]);
  });
  const query = { coep: 'require-corp', corp: 'cross-origin' };
  const admitted = (relation) => address({ kind: 'frame', relation, query }, 'admitted', site);
  return new Map([...frames].map(([relation, ids]) => [relation, silence(ids, admitted(relation), site, over)]));
}

function address({ kind, relation, via, query }, token, site) {
  const url = site.url(
    `resources/${FILES[kind] ?? kind}?${new URLSearchParams({ ...query, id: token })}`,
    relation,
    true,
  );
  return via ? site.url(`resources/redirect?${new URLSearchParams({ ...query, to: url })}`, via, true) : url;
}

const FILES = { module: 'script' };

async function settled(load, token, site, silent) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, site.within * 1000, 'unsettled')));
  const cleaned = [];
  const after = (undo) => cleaned.push(undo);
  try {
    return await Promise.race([LOADERS[load.kind](address(load, token, site), load, after, silent), late]);
  } finally {
    clearTimeout(timer);
    for (const undo of cleaned) undo();
  }
}

async function log(tokens, site) {
  return (await fetch(site.url(`resources/asked?id=${tokens.join('&id=')}`, 'same-origin', true))).json();
}

/**
 * Each takes a URL, how to ask, what to call with what is to be undone, and `silences`; it gives `loaded` or `blocked`.
 */
const LOADERS = {
  image: (url, load) => element(Object.assign(new Image(), cors(load)), 'src', url),
  script: (url, load, after) => attached('script', cors(load), 'src', url, after),
  module: (url, load, after) => attached('script', { type: 'module', ...cors(load) }, 'src', url, after),
  style: (url, load, after) => attached('link', { rel: 'stylesheet', ...cors(load) }, 'href', url, after),
  video: (url, load) =>
    element(
      Object.assign(document.createElement('video'), { preload: 'auto', ...cors(load) }),
      'src',
      url,
      'loadedmetadata',
    ),
  font: (url) => promised(new FontFace('headers-probe', `url("${url}")`).load()),
  text: (url, load) => promised(fetch(url, request(load))),
  wasm: (url, load) => promised(WebAssembly.compileStreaming(fetch(url, request(load)))),
  frame: (url, { relation }, after, silent) =>
    new Promise((resolve) => {
      const frame = document.createElement('iframe');
      // The page has a frame of its own, the browser's in its place has none; Firefox and WebKit may tell nothing at all.
      frame.onload = () => resolve(frame.contentWindow.length ? 'loaded' : 'blocked');
      silent.get(relation).then(() => resolve('blocked'));
      frame.src = url;
      document.body.append(frame);
      after(() => frame.remove());
    }),
  worker: (url, load, after) =>
    new Promise((resolve) => {
      try {
        const worker = new Worker(url);
        worker.onmessage = () => resolve('loaded');
        worker.onerror = () => resolve('blocked');
        after(() => worker.terminate());
      } catch {
        resolve('blocked');
      }
    }),
};

function cors({ mode, cookies }) {
  return mode === 'cors' ? { crossOrigin: cookies ? 'use-credentials' : 'anonymous' } : {};
}

function request({ mode, cookies }) {
  return { mode, credentials: cookies || mode === 'no-cors' ? 'include' : 'same-origin' };
}

function attached(tag, properties, attribute, url, after) {
  const made = Object.assign(document.createElement(tag), properties);
  const end = element(made, attribute, url);
  document.head.append(made);
  after(() => made.remove());
  return end;
}

function element(made, attribute, url, event = 'load') {
  return new Promise((resolve) => {
    made.addEventListener(event, () => resolve('loaded'));
    made.addEventListener('error', () => resolve('blocked'));
    made[attribute] = url;
  });
}

function promised(promise) {
  return promise.then(
    () => 'loaded',
    () => 'blocked',
  );
}
