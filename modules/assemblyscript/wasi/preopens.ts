// Which preopened folder a path is in, as wasi-libc finds it: the one with the longest name that is a prefix of the path.
// What is left of the path goes to the host as it stands, `..` and all: to refuse it is the host's business.

import { fd_prestat_dir_name, fd_prestat_get } from './wasi_snapshot_preview1';
import { refuse } from './refusal';

const FIRST: u32 = 3; // After stdin, stdout and stderr.

/** `{ tag: u8, name_len: usize }`; the tag of a folder is 0, and there is no other. */
const prestat = memory.data(8, 4);

/** A path as WASI takes it: relative to an open folder. */
export class Located {
  private bytes: ArrayBuffer;

  constructor(
    public folder: u32,
    public rest: string,
    public path: string,
  ) {
    this.bytes = String.UTF8.encode(rest);
  }

  get address(): usize {
    return changetype<usize>(this.bytes);
  }

  get length(): usize {
    return this.bytes.byteLength;
  }
}

/** The folder's name; null past the last one. */
function nameOf(folder: u32): string | null {
  if (fd_prestat_get(folder, prestat) != 0) return null;
  const length = load<usize>(prestat, 4);
  const name = heap.alloc(length);
  if (fd_prestat_dir_name(folder, name, length) != 0) return null;
  return String.UTF8.decodeUnsafe(name, length);
}

function withoutLeading(path: string, prefix: string): string {
  while (path.startsWith(prefix)) path = path.substring(prefix.length);
  return path;
}

/** A folder's name without leading `/` and `./` and trailing `/`: "" is what every relative path is in. */
function normal(name: string): string {
  for (let before = ''; before != name;) {
    before = name;
    name = withoutLeading(withoutLeading(name, '/'), './');
  }
  while (name.endsWith('/')) name = name.substring(0, name.length - 1);
  return name == '.' ? '' : name;
}

function isIn(path: string, folder: string): bool {
  return folder == '' || path == folder || path.startsWith(folder + '/');
}

/** Where `path` is; a path that no preopened folder covers is refused. */
export function locate(path: string): Located {
  const wanted = withoutLeading(path, '/');
  let found: u32 = 0;
  let longest = '';
  for (let folder = FIRST; ; folder++) {
    const name = nameOf(folder);
    if (name === null) break;
    const candidate = normal(name);
    if (isIn(wanted, candidate) && (found == 0 || candidate.length > longest.length)) {
      found = folder;
      longest = candidate;
    }
  }
  if (found == 0) refuse(path, 'no preopened folder covers it');
  const rest = withoutLeading(wanted.substring(longest.length), '/');
  return new Located(found, rest == '' ? '.' : rest, path);
}
