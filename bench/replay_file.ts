/*
 * Appends one file to another at a steady rate: for benches that must not spend their own time on it. By environment:
 * REPLAY_FROM, REPLAY_TO, REPLAY_BYTES at a time, REPLAY_PER_SECOND times a second.
 */
const [from, to, bytes, perSecond] = ["FROM", "TO", "BYTES", "PER_SECOND"].map((name) =>
  Deno.env.get(`REPLAY_${name}`) ?? ""
);
using source = Deno.openSync(from ?? "");
using target = Deno.openSync(to ?? "", { append: true });
const buffer = new Uint8Array(Number(bytes));
const startMs = performance.now();
for (let write = 1;; write++) {
  const length = source.readSync(buffer);
  if (length === null) break;
  for (let rest = buffer.subarray(0, length); rest.length > 0;) rest = rest.subarray(target.writeSync(rest));
  const dueMs = startMs + write * 1000 / Number(perSecond);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
}
