/*
 * A QR code of one fixed kind: version 9, error correction L, mask 0, bytes. It holds 230 of them, which is more than the
 * address of any authenticator needs, and one kind is a fraction of the whole standard. Source: ISO/IEC 18004.
 */
const SIZE = 53;
const MOST_BYTES = 230;
const BLOCKS = 2;
const DATA_PER_BLOCK = 116;
const CHECK_PER_BLOCK = 30;
const ALIGNMENT = [6, 26, 46];
/** Level L and mask 0 with their check bits, and the version with its own. */
const FORMAT_BITS = 0b111011111000100;
const VERSION_BITS = 0b001001101010011001;

const EXP = new Uint8Array(512);
const LOG = new Uint8Array(256);
for (let at = 0, value = 1; at < 255; at += 1) {
  EXP[at] = EXP[at + 255] = value;
  LOG[value] = at;
  value = (value << 1) ^ (value & 0x80 ? 0x11d : 0);
}
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : (EXP[(LOG[a] ?? 0) + (LOG[b] ?? 0)] ?? 0));

/** Reed-Solomon check bytes: the remainder after dividing by (x-1)(x-2)(x-4)… */
function checkBytes(data: readonly number[]): number[] {
  let generator = [1];
  for (let at = 0; at < CHECK_PER_BLOCK; at += 1) {
    const root = EXP[at] ?? 0;
    generator = [...generator, 0].map((value, index) => value ^ times(generator[index - 1] ?? 0, root));
  }
  const rest = [...data, ...Array<number>(CHECK_PER_BLOCK).fill(0)];
  for (let at = 0; at < data.length; at += 1) {
    const lead = rest[at] ?? 0;
    generator.forEach((value, index) => (rest[at + index] = (rest[at + index] ?? 0) ^ times(value, lead)));
  }
  return rest.slice(data.length);
}

/** Mode, length, text and filling, in blocks with their check bytes, one byte of each block in turn. */
function codewords(text: Uint8Array): number[] {
  const bits = [0, 1, 0, 0, ...bitsOf(text.length, 8), ...[...text].flatMap((byte) => bitsOf(byte, 8)), 0, 0, 0, 0];
  const bytes: number[] = [];
  for (let at = 0; at < bits.length; at += 8)
    bytes.push(bits.slice(at, at + 8).reduce((value, bit, index) => value | (bit << (7 - index)), 0));
  for (let at = 0; bytes.length < BLOCKS * DATA_PER_BLOCK; at += 1) bytes.push(at % 2 === 0 ? 0xec : 0x11);
  const blocks = Array.from({ length: BLOCKS }, (_, at) => bytes.slice(at * DATA_PER_BLOCK, (at + 1) * DATA_PER_BLOCK));
  const inTurn = (parts: number[][]) => (parts[0] ?? []).flatMap((_, at) => parts.map((part) => part[at] ?? 0));
  return [...inTurn(blocks), ...inTurn(blocks.map(checkBytes))];
}

const bitsOf = (value: number, count: number): number[] =>
  Array.from({ length: count }, (_, at) => (value >> (count - 1 - at)) & 1);

/** The rows of modules, true for dark, without the quiet zone around. Throws RangeError for a text that is too long. */
export function qrCode(text: string): boolean[][] {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > MOST_BYTES) throw new RangeError(`${bytes.length} bytes do not fit`);
  const modules = Array.from({ length: SIZE }, () => Array<boolean | null>(SIZE).fill(null));
  const set = (row: number, column: number, isDark: boolean) => {
    const line = modules[row];
    if (line && column >= 0 && column < SIZE) line[column] = isDark;
  };
  drawPatterns(set);
  const bits = codewords(bytes).flatMap((byte) => bitsOf(byte, 8));
  let next = 0;
  // Two columns at a time from the right, up and down in turn; the sixth column is the timing pattern's.
  for (let right = SIZE - 1, isUp = true; right > 0; right -= right === 8 ? 3 : 2, isUp = !isUp) {
    for (let step = 0; step < SIZE; step += 1) {
      const row = isUp ? SIZE - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (modules[row]?.[column] !== null) continue;
        const isMasked = (row + column) % 2 === 0;
        set(row, column, (bits[next] === 1) !== isMasked);
        next += 1;
      }
    }
  }
  return modules.map((row) => row.map((isDark) => isDark === true));
}

type Set = (row: number, column: number, isDark: boolean) => void;

/** All that is the same for every text: finders, timing, alignment, format and version. */
function drawPatterns(set: Set): void {
  for (let at = 0; at < SIZE; at += 1) {
    set(6, at, at % 2 === 0);
    set(at, 6, at % 2 === 0);
  }
  for (const [top, left] of [
    [0, 0],
    [0, SIZE - 7],
    [SIZE - 7, 0],
  ] as const)
    square(set, top + 3, left + 3, 4, [2, 4]);
  for (const row of ALIGNMENT)
    for (const column of ALIGNMENT) {
      const hitsFinder = (row === 6 && column !== 26) || (row === 46 && column === 6);
      if (!hitsFinder) square(set, row, column, 2, [1]);
    }
  for (let at = 0; at < 15; at += 1) {
    const isDark = ((FORMAT_BITS >> at) & 1) === 1;
    const [row, column] = at < 6 ? [at, 8] : at < 8 ? [at + 1, 8] : at === 8 ? [8, 7] : [8, 14 - at];
    set(row, column, isDark);
    if (at < 8) set(8, SIZE - 1 - at, isDark);
    else set(SIZE - 15 + at, 8, isDark);
  }
  set(SIZE - 8, 8, true);
  for (let at = 0; at < 18; at += 1) {
    const isDark = ((VERSION_BITS >> at) & 1) === 1;
    set(Math.floor(at / 3), SIZE - 11 + (at % 3), isDark);
    set(SIZE - 11 + (at % 3), Math.floor(at / 3), isDark);
  }
}

/** Nested squares around a middle; the rings at the distances `light` are light. */
function square(set: Set, row: number, column: number, radius: number, light: readonly number[]): void {
  for (let down = -radius; down <= radius; down += 1)
    for (let across = -radius; across <= radius; across += 1)
      if (row + down >= 0 && row + down < SIZE)
        set(row + down, column + across, !light.includes(Math.max(Math.abs(down), Math.abs(across))));
}
