import { fd_read, fd_write } from './wasi_snapshot_preview1';
import { check } from './refusal';

export const STDIN: u32 = 0;
export const STDOUT: u32 = 1;
export const STDERR: u32 = 2;

const CHUNK = 65536;

/** One iovec (address, length), and where a call says how many bytes it moved. */
const vector = memory.data(8, 4);
const moved = memory.data(4, 4);

/** Reads up to `length` bytes to `address`; how many, 0 at the end. `what` is the stream's name for a refusal. */
function read(fd: u32, address: usize, length: usize, what: string): usize {
  store<usize>(vector, address);
  store<usize>(vector, length, 4);
  check(fd_read(fd, vector, 1, moved), what);
  return load<usize>(moved);
}

/** Writes all of the bytes. */
export function write(fd: u32, address: usize, length: usize, what: string): void {
  while (length > 0) {
    store<usize>(vector, address);
    store<usize>(vector, length, 4);
    check(fd_write(fd, vector, 1, moved), what);
    address += load<usize>(moved);
    length -= load<usize>(moved);
  }
}

/** Everything that is still to be read. */
export function readAll(fd: u32, what: string): ArrayBuffer {
  let buffer = new ArrayBuffer(CHUNK);
  let length = 0;
  while (true) {
    if (length == buffer.byteLength) {
      const larger = new ArrayBuffer(2 * length);
      memory.copy(changetype<usize>(larger), changetype<usize>(buffer), length);
      buffer = larger;
    }
    const count = read(fd, changetype<usize>(buffer) + length, buffer.byteLength - length, what);
    if (count == 0) return buffer.slice(0, length);
    length += <i32>count;
  }
}

/** Copies a stream to another as it comes. */
export function pipe(from: u32, to: u32): void {
  const buffer = changetype<usize>(new ArrayBuffer(CHUNK));
  while (true) {
    const count = read(from, buffer, CHUNK, 'read');
    if (count == 0) return;
    write(to, buffer, count, 'write');
  }
}

export function printTo(fd: u32, text: string): void {
  const bytes = String.UTF8.encode(text);
  write(fd, changetype<usize>(bytes), bytes.byteLength, 'write');
}

export function printLines(lines: Array<string>): void {
  printTo(STDOUT, lines.map<string>((line) => line + '\n').join(''));
}
