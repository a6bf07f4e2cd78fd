// The AssemblyScript module of the compiled set: every job but those that want exceptions or a JPEG library.
// modules/README.md says what each export does.

export { alloc, memCopy as mem_copy, memFill as mem_fill, memGrow as mem_grow } from './memory';
export { sha256 } from './sha256';
export { nbody } from './nbody';
export { boxBlur as box_blur, resize } from './image';
export { mandelbrotBand as mandelbrot_band } from './mandelbrot';
export { matmul } from './matmul';
export { sortI32 as sort_i32, sortI64 as sort_i64 } from './sort';
export { jsonStats as json_stats } from './json';
export { reverseText as reverse_text } from './text';
export * from './numeric';
export { failPanic as fail_panic, after } from './traps';
