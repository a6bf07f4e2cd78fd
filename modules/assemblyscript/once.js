/**
 * Data segments that the first instance on a memory writes, and no later one: a transform of the compiler for modules of the
 * threaded ABI, `asc … --memoryBase 64 --transform ./once.js`.
 *
 * asc makes data segments active, so that each instance that starts would write them again, over what others have changed.
 * Here they are passive, and a start function writes them behind a flag, as `__wasm_init_memory` of wasm-ld does
 * (https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md): who finds the flag at 0 sets it to 1, writes, sets
 * it to 2 and wakes the others, who wait until it is 2.
 */

/** Where the flag stands, in what `--memoryBase` leaves free of segments. */
const FLAG = 16;
const UNTOUCHED = 0;
const BEGUN = 1;
const DONE = 2;

export default class {
  /** @param {import('binaryen').Module} module */
  afterCompile(module) {
    const count = module.getNumDataSegments();
    if (!count) return;
    const segments = Array.from({ length: count }, (_, index) =>
      module.getDataSegmentInfo(module.getDataSegmentByIndex(index)),
    );
    const first = Math.min(...segments.map(({ offset }) => offset));
    if (first < FLAG + 4) throw new Error(`once.js: a data segment at ${first} needs --memoryBase ${FLAG + 4} or more`);
    const { module: from, base, initial, max, shared } = module.getMemoryInfo();
    const passive = segments.map(({ name, data }) => ({ name, data: new Uint8Array(data), offset: 0, passive: true }));
    module.setMemory(initial, max, null, passive, shared);
    module.addMemoryImport('0', from, base, shared);
    module.setStart(this.#start(module, segments));
  }

  /** The start function: the segments once, then the program's own start. */
  #start(module, segments) {
    const { binaryen } = this;
    const number = (value) => module.i32.const(value);
    const write = ({ name, offset, data }) =>
      module.memory.init(name, number(offset), number(0), number(data.byteLength));
    const mine = module.i32.eq(
      module.i32.atomic.rmw.cmpxchg(0, number(FLAG), number(UNTOUCHED), number(BEGUN)),
      number(UNTOUCHED),
    );
    const writeAll = module.block(null, [
      ...segments.map(write),
      module.i32.atomic.store(0, number(FLAG), number(DONE)),
      module.drop(module.memory.atomic.notify(number(FLAG), number(-1))),
    ]);
    const wait = module.loop(
      'again',
      module.if(
        module.i32.ne(module.i32.atomic.load(0, number(FLAG)), number(DONE)),
        module.block(null, [
          module.drop(module.memory.atomic.wait32(number(FLAG), number(BEGUN), module.i64.const(-1n))),
          module.br('again'),
        ]),
      ),
    );
    const own = module.getStart();
    return module.addFunction(
      '~once',
      binaryen.none,
      binaryen.none,
      [],
      module.block(null, [
        module.if(mine, writeAll, wait),
        ...segments.map(({ name }) => module.data.drop(name)),
        ...(own ? [module.call(binaryen.getFunctionInfo(own).name, [], binaryen.none)] : []),
      ]),
    );
  }
}
