/**
 * Signatures of commands: HMAC-SHA256 (RFC 2104, FIPS 180-4). The browser's own is there in secure pages alone, and
 * answers later, when other commands would have overtaken.
 */

const ROUND = new Uint32Array(64);
const START = new Uint32Array(8);
for (let candidate = 2, count = 0; count < 64; candidate += 1) {
  let isPrime = true;
  for (let divisor = 2; divisor * divisor <= candidate && isPrime; divisor += 1) isPrime = candidate % divisor !== 0;
  if (!isPrime) continue;
  if (count < 8) START[count] = (candidate ** (1 / 2) % 1) * 2 ** 32;
  ROUND[count] = (candidate ** (1 / 3) % 1) * 2 ** 32;
  count += 1;
}

const utf8 = (text) => new TextEncoder().encode(text);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const turn = (word, count) => (word >>> count) | (word << (32 - count));

/** The SHA-256 of bytes. */
export function sha256(message) {
  const padded = new Uint8Array(((message.length + 72) >> 6) << 6);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(message.length / 2 ** 29));
  view.setUint32(padded.length - 4, message.length << 3);
  const state = START.slice();
  const words = new Uint32Array(64);
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i += 1) words[i] = view.getUint32(block + 4 * i);
    for (let i = 16; i < 64; i += 1) {
      const [near, far] = [words[i - 15], words[i - 2]];
      words[i] =
        words[i - 16] + words[i - 7] + (turn(near, 7) ^ turn(near, 18) ^ (near >>> 3)) +
        (turn(far, 17) ^ turn(far, 19) ^ (far >>> 10));
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i += 1) {
      const first = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[i] + words[i]) | 0;
      const second = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] += word));
  }
  const digest = new Uint8Array(32);
  state.forEach((word, i) => new DataView(digest.buffer).setUint32(4 * i, word));
  return digest;
}

/** The HMAC-SHA256 of bytes under a key. */
export function hmac(key, message) {
  const block = new Uint8Array(64);
  block.set(key.length > 64 ? sha256(key) : key);
  const joined = (pad, rest) => {
    const bytes = new Uint8Array(64 + rest.length);
    bytes.set(block.map((byte) => byte ^ pad));
    bytes.set(rest, 64);
    return bytes;
  };
  return sha256(joined(0x5c, sha256(joined(0x36, message))));
}

/** The signature of a command; `data` is its JSON text. */
export function sign(key, { id, timestamp, channel, action, data }) {
  return hex(hmac(utf8(key), utf8([id, timestamp, channel, action, hex(sha256(utf8(data)))].join("\n"))));
}
