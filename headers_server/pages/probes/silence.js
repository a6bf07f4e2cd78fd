/**
 * How to know that nothing more will come. Of a frame that it refuses a browser need not tell the page anything, and how
 * long one takes that it does not refuse, depends on the machine. So two are loaded, one after the other, that it lets in:
 * begun once the server has answered for the one in question, they are behind it in all that it has yet to do.
 */

const BEHIND = 2;

/**
 * @param {string[]} ids what the frames in question have in the server's log
 * @param {string} url of a frame of their origin that may load
 * @param {(() => void)[]} closing is given what ends all this
 * @returns {Promise<void>} once frames that have not told of their load are refused; never, if it is ended before
 */
export async function silence(ids, url, site, closing) {
  const ending = new AbortController();
  closing.push(() => ending.abort());
  try {
    const answered = site.url(`resources/answered?id=${ids.join('&id=')}`, 'same-origin', true);
    await fetch(answered, { signal: ending.signal });
  } catch {
    return new Promise(() => {});
  }
  for (let count = 0; count < BEHIND; count += 1) await loaded(url, closing, ending.signal);
}

function loaded(url, closing, { aborted }) {
  return new Promise((resolve) => {
    if (aborted) return;
    const frame = document.createElement('iframe');
    frame.onload = resolve;
    frame.src = url;
    document.body.append(frame);
    closing.push(() => frame.remove());
  });
}
