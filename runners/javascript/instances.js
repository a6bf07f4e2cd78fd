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
export function linearMemory(code, { exports }, imports) {
  const imported = WebAssembly.Module.imports(code).find(({ kind }) => kind === 'memory');
  return ownMemory(exports) ?? (imported && imports[imported.module][imported.name]);
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
