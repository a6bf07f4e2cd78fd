/** A worker that answers with what a module makes of a request's body: the pages of `http` in modules/README.md, by JavaScript. */

import module from './module.wasm';

const SIZE = 32;

export default {
  async fetch(request) {
    const url = new URL(request.url);
    const page = pages[url.pathname];
    return page ? page(request, url) : new Response(null, { status: 404 });
  },
};

const pages = {
  '/echo': (request, { pathname, search }) =>
    new Response(request.body, {
      headers: {
        'x-method': request.method,
        'x-target': pathname + search,
        'x-said': request.headers.get('x-say') ?? '',
      },
    }),

  async '/sha256'(request) {
    const body = new Uint8Array(await request.arrayBuffer());
    const { memory, alloc, sha256 } = new WebAssembly.Instance(module).exports; // its own for each request
    const [text, out] = [alloc(Math.max(body.length, 1)), alloc(SIZE)];
    new Uint8Array(memory.buffer).set(body, text);
    sha256(text, body.length, out);
    return new Response(new Uint8Array(memory.buffer, out, SIZE).toHex());
  },

  async '/fetch'(request, { origin }) {
    try {
      return new Response(`reached: ${(await fetch(`${origin}/echo`)).status}`);
    } catch (error) {
      return new Response(error.message, { status: 502 });
    }
  },
};
