/** What a script needs that workerd compiles before it runs: its modules, and the adapters through which it calls them. */

import { adaptersOfCall, adaptersOfGlobal } from '../javascript/adapter.js';
import { isType } from '../javascript/values.js';

const OF_MODULES = new Set([
  'module',
  'assert_invalid',
  'assert_malformed',
  'assert_unlinkable',
  'assert_uninstantiable',
  'wasi',
]);

/**
 * What is malformed needs nothing: the interpreter says so when it gets there.
 * @param {unknown} script
 * @returns {{modules: Set<string>, adapters: Map<string, number[]>}} hashes; binaries by signature
 */
export function needs(script) {
  const modules = new Set();
  const adapters = new Map();
  /** @type {Map<string, string>} the types of bound values */
  const bound = new Map();
  for (const command of Array.isArray(script) ? script : []) {
    if (OF_MODULES.has(command?.type)) modules.add(command.sha256);
    for (const { signature, build } of ofAction(command, bound)) adapters.set(signature, build());
    if (typeof command?.bind === 'string') bound.set(command.bind, command.results?.[0]);
  }
  return { modules, adapters };
}

function ofAction(command, bound) {
  const { action, results = [] } = command ?? {};
  if (!Array.isArray(results) || !results.every(isType)) return [];
  if (action?.type === 'get') return results.flatMap(adaptersOfGlobal);
  if (action?.type !== 'invoke' || !Array.isArray(action.args ?? [])) return [];
  const params = (action.args ?? []).map((value) => value?.type ?? bound.get(value?.bound));
  return params.every(isType) ? adaptersOfCall(params, results) : [];
}
