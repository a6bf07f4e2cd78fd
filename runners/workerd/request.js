/** One script as a request: a line of JSON, `{"script", "files": [{"sha256", "size"} or {"sha256", "error"}]}`, then their bytes. */

const NEWLINE = 0x0a;

/** @typedef {Map<string, Uint8Array | {error: {name: string, message: string}}>} Files by hash: their bytes, or why there are none */

/** @param {ArrayBuffer} body @returns {{script: unknown, files: Files}} */
export function unpack(body) {
  const bytes = new Uint8Array(body);
  const line = bytes.indexOf(NEWLINE);
  const { script, files } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, line)));
  let at = line + 1;
  return {
    script,
    files: new Map(
      files.map(({ sha256, size, error }) => [sha256, error ? { error } : bytes.subarray(at, (at += size))]),
    ),
  };
}

/** @param {unknown} script @param {Files} files @returns {Blob} what `unpack` reads */
export function pack(script, files) {
  const list = [...files].map(([sha256, file]) =>
    file.error ? { sha256, ...file } : { sha256, size: file.byteLength },
  );
  const contents = [...files.values()].filter((file) => !file.error);
  return new Blob([`${JSON.stringify({ script, files: list })}\n`, ...contents]);
}
