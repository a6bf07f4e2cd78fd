import { fd_close, fd_readdir, path_filestat_get, path_open, path_unlink_file } from './wasi_snapshot_preview1';
import { locate } from './preopens';
import { check } from './refusal';
import { readAll, write } from './streams';

const FOLLOW_SYMLINKS: u32 = 1;

const CREATE: u16 = 1;
const DIRECTORY: u16 = 2;
const TRUNCATE: u16 = 8;

const APPEND: u16 = 1;

const MAY_READ: u64 = 1 << 1;
const MAY_WRITE: u64 = 1 << 6;
const MAY_LIST: u64 = 1 << 14;

const opened = memory.data(4, 4);

function open(path: string, how: u16, rights: u64, flags: u16): u32 {
  const at = locate(path);
  check(path_open(at.folder, FOLLOW_SYMLINKS, at.address, at.length, how, rights, 0, flags, opened), path);
  return load<u32>(opened);
}

function put(path: string, text: string, how: u16, flags: u16): void {
  const fd = open(path, how, MAY_WRITE, flags);
  const bytes = String.UTF8.encode(text);
  write(fd, changetype<usize>(bytes), bytes.byteLength, path);
  check(fd_close(fd), path);
}

/** The file's content. */
export function readFile(path: string): ArrayBuffer {
  return readAll(open(path, 0, MAY_READ, 0), path);
}

/** Creates or truncates the file. */
export function writeFile(path: string, text: string): void {
  put(path, text, CREATE | TRUNCATE, 0);
}

/** Creates the file or writes at its end. */
export function appendFile(path: string, text: string): void {
  put(path, text, CREATE, APPEND);
}

/** The names in a folder, sorted. */
export function listFolder(path: string): Array<string> {
  // dirent: { next: u64, inode: u64, name_len: u32, type: u8 }, 24 bytes, then the name.
  const HEADER: usize = 24;
  const ROOM: usize = 16384;
  const buffer = heap.alloc(ROOM);
  const used = memory.data(4, 4);

  const fd = open(path, DIRECTORY, MAY_LIST, 0);
  const names: Array<string> = [];
  let cookie: u64 = 0;
  while (true) {
    check(fd_readdir(fd, buffer, ROOM, cookie, used), path);
    const end = buffer + load<usize>(used);
    // The last entry may be cut short: the next call starts with it.
    for (let entry = buffer; entry + HEADER <= end;) {
      const name = entry + HEADER;
      const after = name + load<u32>(entry, 16);
      if (after > end) break;
      names.push(String.UTF8.decodeUnsafe(name, after - name));
      cookie = load<u64>(entry);
      entry = after;
    }
    if (load<usize>(used) < ROOM) break;
  }
  return names.filter((name) => name != '.' && name != '..').sort();
}

/** The file's size in bytes. */
export function sizeOf(path: string): u64 {
  const filestat = memory.data(64, 8);
  const at = locate(path);
  check(path_filestat_get(at.folder, FOLLOW_SYMLINKS, at.address, at.length, filestat), path);
  return load<u64>(filestat, 32);
}

export function removeFile(path: string): void {
  const at = locate(path);
  check(path_unlink_file(at.folder, at.address, at.length), path);
}
