/**
 * The worker that takes requests: for each script it loads a worker of its own, made of the shared interpreter and of the
 * script's modules, which workerd compiles as part of that worker's code, since it compiles nothing while a worker runs.
 *
 * A GET is for the findings of a hello: what that worker finds out of JavaScript's own API.
 *
 * The loader is Cloudflare's own binding for code that comes at run time (`workerLoader`). A worker for each script: a
 * named one would never be unloaded, and nothing of a script is left for the next. The files of that worker are text
 * bindings of this one, by their names (config.capnp).
 */

import { MODULES, NAMES } from '../javascript/api.js';
import { decode } from '../javascript/base64.js';
import { needs } from './needs.js';
import { pack, unpack } from './request.js';

const ENTRY = 'workerd/script_worker.js';
const COMPILED = 'workerd/compiled.js';

/** 64 MiB, all modules of a worker together. */
const TOO_LARGE = /code size .* exceeds the maximum/;

export default {
  async fetch(request, { LOADER, DATE, ...sources }) {
    const load = (mainModule, more) =>
      LOADER.load({
        compatibilityDate: DATE,
        mainModule,
        modules: more,
        globalOutbound: null, // a module, and the worker around it, reach nothing outside
      }).getEntrypoint();

    if (request.method === 'GET') {
      const code = { ...sources, ...compiled(new Map(MODULES.map((text) => [text, decode(text)])), [], {}) };
      // Each in a request of its own: one that workerd gives up on (waitAsync) takes none along.
      const finding = async (name) => {
        try {
          return await (await load(ENTRY, code).fetch(`http://findings/${name}`)).json();
        } catch (error) {
          return { [name]: { state: 'crashed', message: error.message } };
        }
      };
      return Response.json(Object.assign({}, ...(await Promise.all(NAMES.map(finding)))));
    }
    const { script, files } = unpack(await request.arrayBuffer());
    const { modules, adapters } = needs(script);
    const valid = new Map();
    const refused = {};
    for (const sha256 of modules) {
      const bytes = files.get(sha256);
      files.delete(sha256);
      if (bytes === undefined) continue;
      if (bytes.error) refused[sha256] = { phase: 'fetch', ...bytes.error };
      else if (WebAssembly.validate(bytes)) valid.set(sha256, bytes);
      else refused[sha256] = { phase: 'compile', name: 'CompileError', message: await whyInvalid(bytes, load) };
    }
    const code = { ...sources, ...compiled(valid, adapters, refused) };
    try {
      const response = await load(ENTRY, code).fetch('http://script/', { method: 'POST', body: pack(script, files) });
      return new Response(await response.arrayBuffer());
    } catch (error) {
      if (!TOO_LARGE.test(error.message)) throw error;
      return Response.json([{ error: { phase: 'compile', name: 'unsupported', message: error.message } }]);
    }
  },
};

/** `compiled.js`, which imports the modules that workerd compiled, beside their binaries. */
function compiled(modules, adapters, refused) {
  const binaries = {};
  const imports = [];
  const table = (list, name) => {
    const entries = [...list].map(([key, bytes], nth) => {
      const identifier = `${name}${nth}`;
      binaries[`workerd/${identifier}.wasm`] = { wasm: Uint8Array.from(bytes) };
      imports.push(`import ${identifier} from './${identifier}.wasm';`);
      return `[${JSON.stringify(key)}, ${identifier}]`;
    });
    return `export const ${name} = new Map([${entries}]);`;
  };
  const exports = [table(modules, 'modules'), table(adapters, 'adapters')];
  const text = [...imports, ...exports, `export const refused = new Map(${JSON.stringify(Object.entries(refused))});`];
  return { ...binaries, [COMPILED]: text.join('\n') };
}

/** Only a worker that does not start says what is wrong with its module. */
async function whyInvalid(bytes, load) {
  const code = { 'invalid.js': "import './invalid.wasm'; export default {};", 'invalid.wasm': { wasm: bytes } };
  try {
    await load('invalid.js', code).fetch('http://invalid/');
  } catch (error) {
    return error.message.replace(/^.*\n?Uncaught CompileError: /, '');
  }
  return 'not valid';
}
