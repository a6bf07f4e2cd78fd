/** Probes: what a script asks of the page itself. Each is a module of headers_server/pages/probes. */

const WITHIN = 10;

/** What one probe may take beyond the time in which it answers for what is not settled. */
const GRACE = 2;

/** @returns {boolean} whether a script is for the page, and not for the worker of modules */
export function asks(script) {
  return Array.isArray(script) && script.some((command) => command?.type === 'probe');
}

/** @returns {Promise<object>} an `observation` */
export async function run({ id, script, site }) {
  const start = performance.now();
  const results = [];
  for (const command of script) {
    results.push(await result(command, site));
    if (results.at(-1).error) break;
  }
  return { type: 'observation', id, results, seconds: seconds(start) };
}

async function result({ type, probe, with: parameters = {}, within = WITHIN }, { origins, prefix, bare }) {
  const error = (phase, { name, message }) => ({ error: { phase, name, message } });
  if (type !== 'probe') return error('script', new TypeError('a script with a probe has nothing but probes'));
  if (typeof probe !== 'string' || !/^[a-z-]+$/.test(probe))
    return error('script', new TypeError(`no name of a probe: ${JSON.stringify(probe)}`));
  /** @type {import('../../../headers_server/pages/probes/contexts.js').Site} */
  const site = {
    url: (path, relation = 'same-origin', isBare = false) =>
      `${origins[relation]}${isBare ? bare : prefix}/probes/${path}`,
    within,
  };
  const start = performance.now();
  let timer;
  const late = new Promise((_, reject) => {
    const name = 'deadline';
    timer = setTimeout(() => reject({ name, message: `no end within ${within} s` }), (within + GRACE) * 1000);
  });
  try {
    const module = await import(site.url(`${probe}.js`));
    return { facts: await Promise.race([module.probe(parameters, site), late]), seconds: seconds(start) };
  } catch (thrown) {
    return error('probe', thrown);
  } finally {
    clearTimeout(timer);
  }
}

function seconds(start) {
  return (performance.now() - start) / 1000;
}
