/**
 * How to know that nothing more will come. Of a frame that it refuses a browser need not tell the page anything, and how
 * long one takes that it does not refuse, depends on the machine. So some are loaded, one after the other, that it lets in:
 * begun once the server has answered for the one in question, they are behind it in all that it has yet to do.
 */

/** Ways to the server and back before that: most frames have come by then, and these cost less. */
const AHEAD = 5;
const BEHIND = 3;

/**
 * @param {string[]} ids what the frames in question have in the server's log
 * @param {string} url of a frame of their origin that may load
 * @param {AbortSignal} over when nobody waits any more
 * @returns {Promise<void>} once frames that have not told of their load are refused; never, if it is over before
 */
export async function silence(ids, url, site, over) {
  const answered = site.url(`resources/answered?id=${ids.join('&id=')}`, 'same-origin', true);
  try {
    for (let count = 0; count < AHEAD; count += 1) await fetch(answered, { signal: over });
  } catch {
    return new Promise(() => {});
  }
  for (let count = 0; count < BEHIND; count += 1) await loaded(url, over);
}

function loaded(url, over) {
  return new Promise((resolve) => {
    if (over.aborted) return;
    const frame = document.createElement('iframe');
    over.addEventListener('abort', () => frame.remove());
    frame.onload = resolve;
    frame.src = url;
    document.body.append(frame);
  });
}
