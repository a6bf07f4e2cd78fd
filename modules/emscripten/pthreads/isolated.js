// Put before what Emscripten writes for PROXY_TO_PTHREAD: on a page that is not cross-origin isolated the thread of main cannot be
// made, and the program would neither run nor say so (seen with 3.1.69).
if (typeof SharedArrayBuffer === 'undefined') throw new Error('no threads: there is no SharedArrayBuffer');
