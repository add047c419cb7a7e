// The work that the form asks for (docs/subscriptions.md): a nonce such that
// SHA-256(stamp ":" nonce) begins with `data-bits` zero bits. It begins when somebody
// turns to the form, and is done a little at a time, so that the page stays alive.

const form = document.querySelector("form[data-bits]");
const { stamp, work } = form.elements;
const status = form.querySelector("[role=status]");
const bits = Number(form.dataset.bits);
let isBegun = false;
let isPressed = false;

// The constants of SHA-256: roots of the first primes (FIPS 180-4 §4.2.2, §5.3.3).
const primes = [];
for (let n = 2; primes.length < 64; n += 1) {
  if (primes.every((prime) => n % prime)) primes.push(n);
}
const fraction = (root) => ((root % 1) * 2 ** 32) | 0;
const rounds = Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime)));
const start = primes.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));
const turn = (word, by) => (word >>> by) | (word << (32 - by));

const w = new Int32Array(64);

/** What the 16 words of a block, which begin `w`, make of `sums` (FIPS 180-4 §6.2). */
function mix(sums) {
  for (let i = 16; i < 64; i += 1) {
    const x = w[i - 15];
    const y = w[i - 2];
    w[i] = w[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + w[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = sums;
  for (let i = 0; i < 64; i += 1) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + rounds[i] + w[i]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  return [a, b, c, d, e, f, g, h].map((sum, i) => (sum + sums[i]) | 0);
}

/** The first 32 bits of the SHA-256 of `text`, which is ASCII (FIPS 180-4 §5.1.1). */
function hash(text) {
  const blocks = ((text.length + 8) >> 6) + 1;
  let sums = start;
  for (let block = 0; block < blocks; block += 1) {
    w.fill(0, 0, 16);
    for (let at = 0; at < 64; at += 1) {
      const from = block * 64 + at;
      const byte = from < text.length ? text.charCodeAt(from) : from === text.length ? 0x80 : 0;
      w[at >> 2] |= byte << (24 - (at % 4) * 8);
    }
    if (block === blocks - 1) w[15] = text.length * 8;
    sums = mix(sums);
  }
  return sums[0];
}

/** Tries nonces from `nonce` on for some milliseconds, and goes on when the page had its turn. */
function search(nonce) {
  const end = performance.now() + 20;
  while (performance.now() < end) {
    if (hash(`${stamp.value}:${nonce}`) >>> (32 - bits) === 0) return found(nonce);
    nonce += 1;
  }
  setTimeout(search, 0, nonce);
}

function begin() {
  if (!isBegun) setTimeout(search, 0, 0);
  isBegun = true;
}

function found(nonce) {
  work.value = nonce;
  if (isPressed) form.submit();
}

// Some browsers keep what stood in a field when a page is loaded again.
work.value = "";
form.addEventListener("focusin", begin);
form.addEventListener("submit", (event) => {
  if (work.value !== "") return;
  event.preventDefault();
  isPressed = true;
  status.textContent = status.dataset.words;
  begin();
});
