import { createAccident } from "../../support/accident.ts";
import { append, checkpointLines } from "../../support/event_lines.ts";

const ROUNDS = 20;
const LINES = 10_000;
const REST = 500;

Deno.test("copytruncate after everything was read counts every line once", async () => {
  await using accident = await createAccident();
  const { file } = accident;
  for (let round = 1; round <= ROUNDS; round++) {
    for (let burst = 0; burst < 10; burst++) append(file, checkpointLines(LINES / 10));
    await accident.untilCounted(round * LINES);
    await Deno.copyFile(file, `${file}.${round}`);
    await Deno.truncate(file, 0);
  }
  append(file, checkpointLines(REST));
  await accident.assertExactly(ROUNDS * LINES + REST);
});

Deno.test("copytruncate under load loses nothing when the copy is an event file, and counts nothing twice", async () => {
  await using accident = await createAccident();
  const { file } = accident;
  for (let round = 1; round <= ROUNDS; round++) {
    for (let burst = 0; burst < 10; burst++) append(file, checkpointLines(LINES / 10));
    // Nobody waits for the reader: what it has not read of the original it must find in the copy.
    await Deno.copyFile(file, file.replace(".jsonl", `.${round}.jsonl`));
    await Deno.truncate(file, 0);
  }
  append(file, checkpointLines(REST));
  await accident.assertExactly(ROUNDS * LINES + REST);
});
