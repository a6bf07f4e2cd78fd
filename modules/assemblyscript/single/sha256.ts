// SHA-256 as in FIPS 180-4, sections 5.1.1, 5.3.3 and 6.2.2; its names are kept.

const BLOCK: usize = 64;

/** Section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const K = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);

/** The message schedule: 64 words. */
const W = memory.data(256);

/** The last one or two blocks of a message, padded. */
const TAIL = memory.data(128);

let h0: u32, h1: u32, h2: u32, h3: u32, h4: u32, h5: u32, h6: u32, h7: u32;

/** Writes the SHA-256 of `length` bytes at `data` to `out`: 32 bytes. */
export function sha256(data: usize, length: usize, out: usize): void {
  h0 = 0x6a09e667;
  h1 = 0xbb67ae85;
  h2 = 0x3c6ef372;
  h3 = 0xa54ff53a;
  h4 = 0x510e527f;
  h5 = 0x9b05688c;
  h6 = 0x1f83d9ab;
  h7 = 0x5be0cd19;

  const rest = length % BLOCK;
  const whole = length - rest;
  for (let at: usize = 0; at < whole; at += BLOCK) digest(data + at);

  const padded = rest < BLOCK - 8 ? BLOCK : 2 * BLOCK;
  memory.fill(TAIL, 0, padded);
  memory.copy(TAIL, data + whole, rest);
  store<u8>(TAIL + rest, 0x80);
  store<u64>(TAIL + padded - 8, bswap<u64>((<u64>length) << 3));
  for (let at: usize = 0; at < padded; at += BLOCK) digest(TAIL + at);

  store<u32>(out, bswap(h0), 0);
  store<u32>(out, bswap(h1), 4);
  store<u32>(out, bswap(h2), 8);
  store<u32>(out, bswap(h3), 12);
  store<u32>(out, bswap(h4), 16);
  store<u32>(out, bswap(h5), 20);
  store<u32>(out, bswap(h6), 24);
  store<u32>(out, bswap(h7), 28);
}

/** Takes one block into the hash. */
function digest(block: usize): void {
  for (let t: usize = 0; t < 16; t++) {
    store<u32>(W + 4 * t, bswap(load<u32>(block + 4 * t)));
  }
  for (let t: usize = 16; t < 64; t++) {
    const near = load<u32>(W + 4 * (t - 2));
    const far = load<u32>(W + 4 * (t - 15));
    const sigma1 = rotr<u32>(near, 17) ^ rotr<u32>(near, 19) ^ (near >> 10);
    const sigma0 = rotr<u32>(far, 7) ^ rotr<u32>(far, 18) ^ (far >> 3);
    store<u32>(W + 4 * t, sigma1 + load<u32>(W + 4 * (t - 7)) + sigma0 + load<u32>(W + 4 * (t - 16)));
  }

  let a = h0,
    b = h1,
    c = h2,
    d = h3,
    e = h4,
    f = h5,
    g = h6,
    h = h7;
  for (let t: usize = 0; t < 64; t++) {
    const sum1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
    const sum0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
    const choose = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const t1 = h + sum1 + choose + load<u32>(K + 4 * t) + load<u32>(W + 4 * t);
    const t2 = sum0 + majority;
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  h0 += a;
  h1 += b;
  h2 += c;
  h3 += d;
  h4 += e;
  h5 += f;
  h6 += g;
  h7 += h;
}
