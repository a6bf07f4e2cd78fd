/**
 * How a program with JavaScript of its own runs in a document or a worker: it ends when it says so, by its first uncaught error,
 * or (a module) when its script has been run.
 *
 * @param {{folder: string, main: string, args: string[]}} program
 * @param {Pick<MessagePort, 'postMessage' | 'close'>} port who waits for its end
 * @param {(url: string, fail: (thrown: unknown, message?: string) => void) => void} load what starts a script that is no module
 * @param {object} [more] that such a script finds in `Module`
 */
export function run({ folder, main, args }, port, load, more = {}) {
  const start = performance.now();
  const output = { stdout: '', stderr: '' };
  const end = (how) => {
    port.postMessage({ ...how, ...output, seconds: (performance.now() - start) / 1000 });
    port.close(); // what comes after its end counts no more
  };
  const fail = (thrown, message) =>
    end({ error: { name: thrown?.name ?? 'Error', message: message ?? String(thrown?.message ?? thrown) } });
  console.log = (...words) => (output.stdout += `${words.join(' ')}\n`);
  console.warn = console.error = (...words) => (output.stderr += `${words.join(' ')}\n`);
  addEventListener('error', ({ error, message }) => fail(error, message));
  addEventListener('unhandledrejection', ({ reason }) => fail(reason));

  const url = new URL(main, folder);
  if (main.endsWith('.mjs')) {
    for (const argument of args) url.searchParams.append('arg', argument); // no page has a command line
    import(url.href).then(() => end({ exit: 0 }), fail);
    return;
  }
  globalThis.Module = {
    arguments: args,
    print: console.log,
    printErr: console.error,
    onExit: (exit) => end({ exit }),
    onAbort: (what) => fail(null, `aborted: ${what}`),
    ...more,
  };
  load(url.href, fail);
}
