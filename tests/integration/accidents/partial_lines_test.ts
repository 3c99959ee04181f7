import { createAccident } from "../../support/accident.ts";
import { append, checkpointLines, eventLine } from "../../support/event_lines.ts";

Deno.test("lines written in pieces count when, and only when, they are whole", async () => {
  await using accident = await createAccident();
  for (let line = 0; line < 120; line++) {
    const text = checkpointLines(1);
    const cut = 1 + (line * 7) % (text.length - 2);
    append(accident.file, text.slice(0, cut));
    // Whatever was counted until now, the half line is not among it.
    if (line % 20 === 0) await accident.untilCounted(line);
    append(accident.file, text.slice(cut));
  }
  await accident.assertExactly(120);
});

Deno.test("long lines count, and those beyond the limit are skipped and counted as such", async () => {
  await using accident = await createAccident();
  const long = (sizeBytes: number): string =>
    eventLine({
      event_type: "checkpoint_created",
      job_id: "job-1",
      version: 1,
      agents_completed: 1,
      x: "x".repeat(sizeBytes),
    });
  for (let round = 0; round < 100; round++) append(accident.file, long(40_000) + long(round % 2 === 0 ? 300_000 : 100));
  append(accident.file, long(2_000_000) + long(5_000_000) + checkpointLines(102));
  await accident.untilCounted(303);
  await accident.program.untilValue(
    'prodigy_exporter_lines_rejected_total{source="files",reason="line_too_long"}',
    1,
  );
  await accident.assertExactly(303);
});
