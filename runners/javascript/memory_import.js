/** The memory that a module imports, with its limits, of which JavaScript's own reflection tells nothing. */

const HEADER = 8; // magic and version
const IMPORTS = 2; // the section's number
const MEMORY = 2; // the kind of an import
const HAS_MAXIMUM = 1;
const SHARED = 2;

/** A reader of the binary format: https://webassembly.github.io/spec/core/binary/modules.html */
class Reader {
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    this.at += 1;
    return this.bytes[this.at - 1];
  }

  /** An unsigned LEB128 of up to 32 bits. */
  number() {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  }

  text() {
    const length = this.number();
    this.at += length;
    return new TextDecoder().decode(this.bytes.slice(this.at - length, this.at));
  }

  limits() {
    const flags = this.number();
    const initial = this.number();
    const maximum = flags & HAS_MAXIMUM ? this.number() : undefined;
    return { initial, maximum, shared: (flags & SHARED) !== 0 };
  }

  /** What stands behind a kind of import: by its number, how to read over it. */
  over(kind) {
    const overs = [
      () => this.number(), // a function's type
      () => [this.byte(), this.limits()],
      () => this.limits(),
      () => [this.byte(), this.byte()],
      () => [this.byte(), this.number()],
    ];
    return overs[kind]();
  }
}

/**
 * @param {Uint8Array} bytes a valid module
 * @returns {{module: string, name: string, limits: WebAssembly.MemoryDescriptor} | null} the first; null without one
 */
export function memoryImport(bytes) {
  const reader = new Reader(bytes, HEADER);
  while (reader.at < bytes.length) {
    const section = reader.byte();
    const end = reader.number() + reader.at;
    if (section === IMPORTS) {
      for (let left = reader.number(); left > 0; left -= 1) {
        const [module, name, kind] = [reader.text(), reader.text(), reader.byte()];
        const read = reader.over(kind);
        if (kind === MEMORY) return { module, name, limits: read };
      }
    }
    reader.at = end;
  }
  return null;
}
