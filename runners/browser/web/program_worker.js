/** A dedicated worker in which a program runs: a classic one, since Emscripten's JavaScript wants to be one. */

addEventListener(
  'message',
  async ({ data }) => {
    const { run } = await import('./program_run.js');
    const page = { postMessage: (end) => postMessage(end), close() {} };
    const { folder, main } = data;
    const here = (name) => new URL(name, folder).href;
    // Emscripten's JavaScript takes the script that the worker was made of for its own, unless it is told.
    run(data, page, (url) => importScripts(url), { mainScriptUrlOrBlob: here(main), locateFile: here });
  },
  { once: true },
);
