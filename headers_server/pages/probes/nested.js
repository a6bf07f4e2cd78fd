/** A worker that starts another, and hands on what that says. */

const inner = new Worker(`inside.js${self.location.search}`);
inner.onmessage = ({ data, ports }) => self.postMessage(data, ports);
inner.onerror = (event) => {
  event.preventDefault();
  self.postMessage({ refused: event.message ?? 'error event' });
};
