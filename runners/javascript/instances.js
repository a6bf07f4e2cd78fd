/** Instances of modules with what they import: other instances' exports, memories, WASI. */

export const WASI = 'wasi_snapshot_preview1';

/** @param {WebAssembly.Module} code @param {string} name of a module @returns {boolean} whether it imports any of that */
export function wants(code, name) {
  return WebAssembly.Module.imports(code).some(({ module }) => module === name);
}

/** The memory exported as `memory`, or the only one exported. */
export function ownMemory(exports) {
  if (exports.memory instanceof WebAssembly.Memory) return exports.memory;
  const memories = Object.values(exports).filter((item) => item instanceof WebAssembly.Memory);
  return memories.length === 1 ? memories[0] : null;
}

/** The memory that an instance works on, as WASI must know it: its own, or the first that it imports. */
function linearMemory(code, { exports }, imports) {
  const imported = WebAssembly.Module.imports(code).find(({ kind }) => kind === 'memory');
  return ownMemory(exports) ?? (imported && imports[imported.module][imported.name]);
}

/**
 * Makes an instance, with WASI of its own where it wants any that nothing else gives it.
 * @param {WebAssembly.Imports} imports what else it may import
 * @param {boolean} wanting whether it imports WASI
 * @param {() => Promise<import('./interpreter.js').Wasi>} grant
 * @param {(imports: WebAssembly.Imports) => Promise<WebAssembly.WebAssemblyInstantiatedSource>} make
 * @returns {Promise<WebAssembly.WebAssemblyInstantiatedSource>} what `make` gives
 */
export async function withWasi(imports, wanting, grant, make) {
  const wasi = wanting && !imports[WASI] ? await grant() : null;
  const given = wasi ? { ...imports, [WASI]: wasi.imports } : imports;
  const made = await make(given);
  const memory = wasi && linearMemory(made.module, made.instance, given);
  if (memory) wasi.bind(memory);
  return made;
}

/** @param {WebAssembly.Module} module @returns {(imports: WebAssembly.Imports) => Promise<WebAssembly.WebAssemblyInstantiatedSource>} */
export function maker(module) {
  return async (imports) => ({ module, instance: await WebAssembly.instantiate(module, imports) });
}

/**
 * @param {[string, WebAssembly.ModuleImports][]} registered by name
 * @param {[string, WebAssembly.ModuleImports][]} memories that the script made, beside them
 * @returns {WebAssembly.Imports} anew each time, so that more can be added
 */
export function importsOf(registered, memories) {
  const imports = Object.fromEntries(registered);
  for (const [module, made] of memories) imports[module] = { ...imports[module], ...made };
  return imports;
}
