/** Adds HEADERS, a list of [name, value] for each kind of resource (profiles.py), to all that is asked for in its scope. */

const DESTINATIONS = {
  document: 'document',
  frame: 'frame',
  iframe: 'frame',
  object: 'frame',
  embed: 'frame',
  worker: 'worker',
  sharedworker: 'worker',
};
/** What cannot be made with a body: Fetch, "null body status". */
const NULL_BODY = new Set([101, 103, 204, 205, 304]);
const TYPES = { 'text/html': 'document', 'text/javascript': 'script', 'application/wasm': 'module' };

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  if (event.request.cache === 'only-if-cached' && event.request.mode !== 'same-origin') return; // cannot be fetched again
  event.respondWith(answer(event.request));
});

async function answer(request) {
  const response = await fetch(request);
  if (response.status === 0) return response; // opaque: of another origin, or a redirect
  const headers = new Headers(response.headers);
  for (const [name] of HEADERS[kindOf(request, response)]) headers.delete(name);
  for (const [name, value] of HEADERS[kindOf(request, response)]) if (value !== null) headers.append(name, value);
  const body = NULL_BODY.has(response.status) ? null : response.body;
  return new Response(body, { status: response.status, statusText: response.statusText, headers });
}

/** As the server tells them: by what was asked for, by what the browser says that it is for, by its MIME type. */
function kindOf(request, response) {
  const asked = new URL(request.url).searchParams.get('headers-kind');
  if (asked !== null && Object.hasOwn(HEADERS, asked)) return asked;
  const type = (response.headers.get('content-type') ?? '').split(';')[0];
  return DESTINATIONS[request.destination] ?? TYPES[type] ?? 'other';
}
