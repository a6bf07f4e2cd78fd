import { proc_exit } from './wasi_snapshot_preview1';
import { printTo, STDERR } from './streams';

const REFUSED = 2;
const WRONG_USAGE = 64; // EX_USAGE of sysexits.h.

/** The errno's names in their order, from 0. */
const NAMES = (
  'success 2big acces addrinuse addrnotavail afnosupport again already badf badmsg busy canceled child connaborted ' +
  'connrefused connreset deadlk destaddrreq dom dquot exist fault fbig hostunreach idrm ilseq inprogress intr inval io ' +
  'isconn isdir loop mfile mlink msgsize multihop nametoolong netdown netreset netunreach nfile nobufs nodev noent ' +
  'noexec nolck nolink nomem nomsg noprotoopt nospc nosys notconn notdir notempty notrecoverable notsock notsup notty ' +
  'nxio overflow ownerdead perm pipe proto protonosupport prototype range rofs spipe srch stale timedout txtbsy xdev ' +
  'notcapable'
).split(' ');

/** Ends the command: the operating system refused, for `reason`. */
export function refuse(what: string, reason: string): void {
  printTo(STDERR, what + ': ' + reason + '\n');
  proc_exit(REFUSED);
}

/** Goes on only where `errno` is success. */
export function check(errno: u16, what: string): void {
  if (errno == 0) return;
  refuse(what, <i32>errno < NAMES.length ? NAMES[errno] : 'errno ' + errno.toString());
}

/** Ends the command, which was not called as it should be. */
export function wrongUsage(): void {
  printTo(STDERR, 'usage: wasi args|env|cat|stderr|exit|read|write|append|list|size|remove|clock|random …\n');
  proc_exit(WRONG_USAGE);
}
