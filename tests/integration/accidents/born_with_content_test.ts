import { createAccident } from "../../support/accident.ts";
import { append, checkpointLines } from "../../support/event_lines.ts";

Deno.test("30 files born with content in directories made with them count from their first line", async () => {
  await using accident = await createAccident();
  for (let number = 0; number < 30; number++) {
    append(`${accident.home}/.prodigy/events/repo-${number % 3}/job-${number}/events.jsonl`, checkpointLines(200));
  }
  await accident.assertExactly(6_000);
});

Deno.test("an events directory that appears long after the start is found", async () => {
  await using accident = await createAccident();
  await Deno.remove(`${accident.home}/.prodigy`, { recursive: true });
  append(`${accident.home}/.prodigy/events/app/job-9/events.jsonl`, checkpointLines(50));
  await accident.assertExactly(50);
});
