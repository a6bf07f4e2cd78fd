// What the command asks of its host; an import's module is named after the file that declares it. All give an errno.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md

export declare function args_get(argv: usize, buffer: usize): u16;
export declare function args_sizes_get(count: usize, bytes: usize): u16;
export declare function environ_get(environ: usize, buffer: usize): u16;
export declare function environ_sizes_get(count: usize, bytes: usize): u16;
export declare function clock_time_get(id: u32, precision: u64, time: usize): u16;
export declare function random_get(buffer: usize, length: usize): u16;
export declare function proc_exit(code: u32): void;
export declare function fd_close(fd: u32): u16;
export declare function fd_read(fd: u32, vectors: usize, count: usize, read: usize): u16;
export declare function fd_write(fd: u32, vectors: usize, count: usize, written: usize): u16;
export declare function fd_readdir(fd: u32, buffer: usize, length: usize, cookie: u64, used: usize): u16;
export declare function fd_prestat_get(fd: u32, prestat: usize): u16;
export declare function fd_prestat_dir_name(fd: u32, name: usize, length: usize): u16;
export declare function path_filestat_get(fd: u32, flags: u32, path: usize, length: usize, filestat: usize): u16;
export declare function path_open(
  fd: u32,
  lookup: u32,
  path: usize,
  length: usize,
  open: u16,
  rights: u64,
  inheriting: u64,
  flags: u16,
  opened: usize,
): u16;
export declare function path_unlink_file(fd: u32, path: usize, length: usize): u16;
