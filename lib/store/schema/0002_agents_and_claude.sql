CREATE TABLE agent_executions (
  id uuid PRIMARY KEY,
  job_id text NOT NULL REFERENCES mapreduce_jobs (job_id),
  agent_id text NOT NULL,
  started_at timestamptz NOT NULL,
  completed_at timestamptz,
  status text NOT NULL,
  duration_ms bigint,
  attempts integer NOT NULL,
  error_type text,
  is_retry_eligible boolean,
  instance text NOT NULL,
  is_start_known boolean NOT NULL,
  status_at timestamptz
) WITH (fillfactor = 80);

CREATE TABLE dlq_items (
  job_id text REFERENCES mapreduce_jobs (job_id),
  item_id text,
  is_present boolean NOT NULL,
  added_at timestamptz,
  removed_at timestamptz,
  error_signature text,
  failure_count integer,
  instance text NOT NULL,
  PRIMARY KEY (job_id, item_id)
);

CREATE TABLE claude_usage (
  id uuid PRIMARY KEY,
  used_at timestamptz NOT NULL,
  workflow_execution_id uuid,
  workflow_name text,
  job_id text,
  agent_id text,
  model text,
  input_tokens bigint NOT NULL,
  output_tokens bigint NOT NULL,
  cache_read_tokens bigint NOT NULL,
  cache_creation_tokens bigint NOT NULL,
  cost_usd double precision,
  instance text NOT NULL
);

CREATE INDEX agent_executions_job_id ON agent_executions (job_id);
CREATE INDEX dlq_items_added_at ON dlq_items (added_at);
CREATE INDEX claude_usage_used_at ON claude_usage (used_at)
  INCLUDE (workflow_execution_id, workflow_name, model, cost_usd);

COMMENT ON TABLE agent_executions IS 'One row per agent of a job; its attempts share the row.';
COMMENT ON COLUMN agent_executions.status IS 'running, success or failed.';
COMMENT ON TABLE dlq_items IS 'One row per item that is or was in the dead letter queue of a job.';
COMMENT ON TABLE claude_usage IS 'One row per message (or stated total) that was counted; the sums are those of the metrics.';
COMMENT ON COLUMN claude_usage.workflow_execution_id IS 'Not a foreign key: usage may be read of runs nothing else tells of.';
COMMENT ON COLUMN claude_usage.cost_usd IS 'As the vendor states or by the price table; null without a known price.';
