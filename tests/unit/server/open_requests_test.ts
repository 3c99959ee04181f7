import assert from "node:assert/strict";
import { OpenRequests } from "../../../lib/server/open_requests.ts";
import { within } from "../../../lib/server/scrape_timeout.ts";
import { DEADLINE_MS } from "../../support/deadline.ts";

const LATE = 60_000;
const REQUEST = new Request("http://localhost/");

Deno.test("OpenRequests.answered() is null while nothing is asked", () => {
  assert.equal(new OpenRequests().answered(LATE), null);
});

Deno.test("OpenRequests.answered() waits for all requests, also for one that fails", async () => {
  const requests = new OpenRequests();
  const first = Promise.withResolvers<Response>();
  const second = Promise.withResolvers<Response>();
  const answers = [first, second].map(({ promise }) => requests.watch(() => promise)(REQUEST, null));
  let isAnswered = false;
  const answered = requests.answered(LATE)?.then(() => isAnswered = true);
  first.resolve(new Response());
  await answers[0];
  assert.equal(isAnswered, false);
  second.reject(new Error("as a handler might"));
  await assert.rejects(answers[1] ?? Promise.resolve(), /as a handler might/);
  await answered;
  assert.equal(requests.answered(LATE), null);
});

Deno.test("OpenRequests.answered() waits no longer than told", async () => {
  const requests = new OpenRequests();
  const response = Promise.withResolvers<Response>();
  const answer = requests.watch(() => response.promise)(REQUEST, null);
  await requests.answered(1);
  response.resolve(new Response());
  await answer;
  await requests.answered(LATE);
});

Deno.test("OpenRequests.answered() tells all who wait", async () => {
  const requests = new OpenRequests();
  const response = Promise.withResolvers<Response>();
  const answer = requests.watch(() => response.promise)(REQUEST, null);
  const waiting = [requests.answered(LATE), requests.answered(LATE)];
  response.resolve(new Response());
  await answer;
  assert.notEqual(await within(Promise.all(waiting), DEADLINE_MS), null, "before their own time was over");
});
