/** The worker of one script: the shared interpreter on workerd, with the modules that main.js had compiled into it. */

import { provide } from '../javascript/adapter.js';
import { apiFindings } from '../javascript/api.js';
import { decode } from '../javascript/base64.js';
import { Failure } from '../javascript/failures.js';
import { Interpreter } from '../javascript/interpreter.js';
import { wasi } from '../javascript/wasi_shim.js';
import { adapters, modules, refused } from './compiled.js';
import { unpack } from './request.js';

for (const [signature, module] of adapters) provide(signature, module);

/** @returns {never} */
function noThread() {
  throw new Failure('spawn', 'unsupported', 'workerd has no Worker: one isolate, one thread');
}

/** @param {import('./request.js').Files} files @returns {import('../javascript/interpreter.js').Host} */
function hostWith(files) {
  return {
    async load(ref) {
      if (ref.base64 !== undefined) return decode(ref.base64);
      const file = files.get(ref.sha256);
      if (!file) throw new Failure('fetch', 'absent', `${ref.path} is not a file that the script came with`);
      if (file.error) throw new Failure('fetch', file.error.name, file.error.message);
      return file;
    },

    async compile(ref) {
      const module = modules.get(ref.sha256);
      if (module) return module;
      const { phase, name, message } = refused.get(ref.sha256) ?? {};
      throw new Failure(phase ?? 'fetch', name ?? 'absent', message ?? `no module ${ref.path} came with the script`);
    },

    worker: noThread,
    surroundings: noThread,

    wasi: async (grant) => wasi(grant),
  };
}

export default {
  async fetch(request) {
    if (request.method === 'GET') {
      const name = new URL(request.url).pathname.slice(1);
      return Response.json(await apiFindings([name], (text) => modules.get(text)));
    }
    const { script, files } = unpack(await request.arrayBuffer());
    return Response.json(await new Interpreter(hostWith(files)).run(script));
  },
};
