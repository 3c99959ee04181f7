/*
 * Agents whose success only the run's own count tells: nobody saw them, so they have made-up ids, of which one is as good
 * as another.
 */

const UNSEEN = /_agent_unseen_\d+$/;

/** @param number 1 for the first of the job */
export function unseenAgentId(jobId: string, number: number): string {
  return `${jobId}_agent_unseen_${number}`;
}

export function isUnseenAgent(agentId: string): boolean {
  return UNSEEN.test(agentId);
}
