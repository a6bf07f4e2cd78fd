/** What the browser reports of policies to the page itself, at once; to a server it may report a minute later, or never. */

let kept = [];

const observer =
  globalThis.ReportingObserver && new ReportingObserver((reports) => kept.push(...reports), { buffered: true });
observer?.observe();

/** @returns {object[]} `type`, `url` and `body` of what has come since the last call; nothing where the browser has no such thing */
export function take() {
  const found = [...kept, ...(observer?.takeRecords() ?? [])];
  kept = [];
  return found.map((report) => JSON.parse(JSON.stringify(report)));
}
