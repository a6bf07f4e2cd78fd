/** The frame in which a program runs, from the page's side: program.js answers on the port that it is given. */

/**
 * @param {{url: string, main: string, args: string[], place?: string}} program `url` is the folder of its files
 * @param {MessagePort} port
 * @returns {HTMLIFrameElement} to be removed, which ends the program and its workers
 */
export function openFrame({ url, main, args, place }, port) {
  const frame = document.createElement('iframe');
  frame.src = new URL('program.html', import.meta.url).href;
  frame.onload = () => {
    const folder = new URL(url, location.href).href;
    // What was refused has an error page of the browser's in its place, which no other document may look into.
    if (frame.contentDocument) frame.contentWindow.postMessage({ folder, main, args, place }, location.origin, [port]);
    else port.postMessage({ error: { name: 'FrameError', message: `the frame did not load: ${frame.src}` } });
  };
  document.body.append(frame);
  return frame;
}
