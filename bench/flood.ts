import { Random } from "./random.ts";

export const LINES_FOR_EACH = 6;

/** Lines of which every job id, tool name and workflow name is another one; six for each. */
export function floodLines(distinct: number): readonly string[] {
  const random = new Random(0x51ed270b);
  const correlationId = random.uuid();
  const lines: string[] = [];
  const add = (event: string): number =>
    lines.push(
      `{"id":"${random.uuid()}","timestamp":"2026-11-24T00:07:00.495367182Z","correlation_id":"${correlationId}",` +
        `"event":${event},"metadata":{"host":"localhost","thread":"tokio-rt-worker","pid":23682}}`,
    );
  for (let number = 0; number < distinct; number++) {
    const agent = `"job_id":"${random.uuid()}","agent_id":"agent_${number}"`;
    const workflow = `"workflow_id":"workflow-${number}","workflow_name":"nightly build of branch ${number}"`;
    add(`{"event_type":"agent_started",${agent},"item_id":"item_${number}","worktree":"wt","attempt":1}`);
    add(`{"event_type":"agent_completed",${agent},"duration":[45,678000000],"commits":["abc123"]}`);
    add(
      `{"event_type":"claude_tool_invoked","agent_id":"agent-default","tool_name":"tool_${number}","tool_id":"t_${number}"}`,
    );
    add(`{"event_type":"workflow_started",${workflow}}`);
    add(
      `{"event_type":"step_completed",${workflow},"step_index":0,"step_type":"shell","status":"success","duration":[3,0]}`,
    );
    add(`{"event_type":"workflow_completed",${workflow},"status":"success","duration":[60,0]}`);
  }
  return lines;
}
