// The AssemblyScript command of the compiled set: argv[1] is what to do; modules/README.md has the list.
//
// Built with `--exportStart _start`: what stands here at the top level runs when the host calls `_start`.

import { proc_exit } from './wasi_snapshot_preview1';
import { now, watchMonotonic } from './clock';
import { argv, environ } from './environment';
import { appendFile, listFolder, readFile, removeFile, sizeOf, writeFile } from './files';
import { randomHex } from './random';
import { wrongUsage } from './refusal';
import { pipe, printLines, printTo, STDERR, STDIN, STDOUT, write } from './streams';

function exitCode(text: string): u32 {
  if (text == '') wrongUsage();
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char < 0x30 || char > 0x39) wrongUsage();
  }
  return U32.parseInt(text);
}

function run(verb: string, given: Array<string>): void {
  const count = given.length;
  if (verb == 'args') printLines(given);
  else if (verb == 'env' && count == 0) printLines(environ().sort());
  else if (verb == 'cat' && count == 0) pipe(STDIN, STDOUT);
  else if (verb == 'stderr' && count == 1) printTo(STDERR, given[0]);
  else if (verb == 'exit' && count == 1) proc_exit(exitCode(given[0]));
  else if (verb == 'read' && count == 1) {
    const content = readFile(given[0]);
    write(STDOUT, changetype<usize>(content), content.byteLength, 'write');
  } else if (verb == 'write' && count == 2) writeFile(given[0], given[1]);
  else if (verb == 'append' && count == 2) appendFile(given[0], given[1]);
  else if (verb == 'list' && count == 1) printLines(listFolder(given[0]));
  else if (verb == 'size' && count == 1) printLines([sizeOf(given[0]).toString()]);
  else if (verb == 'remove' && count == 1) removeFile(given[0]);
  else if (verb == 'clock' && count == 0) {
    const time = now();
    watchMonotonic();
    printLines(['realtime ' + time.toString(), 'monotonic ok']);
  } else if (verb == 'random' && count == 0) printLines([randomHex(32), randomHex(32)]);
  else wrongUsage();
}

const all = argv();
if (all.length < 2) wrongUsage();
run(all[1], all.slice(2));
