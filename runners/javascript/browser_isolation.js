/** What a page or a worker finds out about its isolation. */

export function isolation() {
  return {
    crossOriginIsolated: self.crossOriginIsolated ?? null,
    isSecureContext: self.isSecureContext,
    SharedArrayBuffer: typeof SharedArrayBuffer,
  };
}
