import { createAccident } from "../../support/accident.ts";
import { append, checkpointLines } from "../../support/event_lines.ts";

const FILES = 20;
const LINES_PER_FILE = 10_000;
/** What the last file holds when everything ends. */
const REST = 500;

/** Writes without ever waiting for the reader: a file is renamed away as soon as it is full. */
function writeRotating(file: string, rotatedName: (number: number) => string): void {
  for (let number = 0; number < FILES; number++) {
    for (let burst = 0; burst < 10; burst++) append(file, checkpointLines(LINES_PER_FILE / 10));
    Deno.renameSync(file, rotatedName(number));
  }
  append(file, checkpointLines(REST));
}

Deno.test("files renamed to names nobody looks for while they are written lose nothing", async () => {
  await using accident = await createAccident();
  const { file } = accident;
  for (let number = 0; number < FILES; number++) {
    append(file, checkpointLines(LINES_PER_FILE / 2));
    await accident.untilCounted(number * LINES_PER_FILE + LINES_PER_FILE / 2);
    // The writer goes on with its open file after the rename, as one does that was not told.
    using writer = await Deno.open(file, { append: true });
    await Deno.rename(file, `${file}.${number}`);
    const bytes = new TextEncoder().encode(checkpointLines(LINES_PER_FILE / 2));
    let offset = 0;
    while (offset < bytes.length) offset += writer.writeSync(bytes.subarray(offset));
  }
  append(file, checkpointLines(REST));
  await accident.assertExactly(FILES * LINES_PER_FILE + REST);
});

Deno.test("files renamed to names that are looked for as well count once", async () => {
  await using accident = await createAccident();
  const { file } = accident;
  writeRotating(file, (number) => file.replace(".jsonl", `.${number}.jsonl`));
  await accident.assertExactly(FILES * LINES_PER_FILE + REST);
});
