-- What idempotence needs stands at the end of each table: the producer's own id, the exporter that wrote the row last,
-- whether the start was told or inferred, and the time of the event that decided the status.

CREATE TABLE workflow_executions (
  id uuid PRIMARY KEY,
  workflow_name text NOT NULL,
  started_at timestamptz NOT NULL,
  completed_at timestamptz,
  status text NOT NULL,
  duration_ms bigint,
  total_steps integer,
  failed_steps integer,
  metadata jsonb,
  workflow_id text NOT NULL,
  instance text NOT NULL,
  is_start_known boolean NOT NULL,
  status_at timestamptz
);

CREATE TABLE step_executions (
  id uuid PRIMARY KEY,
  workflow_execution_id uuid REFERENCES workflow_executions (id),
  step_index integer NOT NULL,
  step_type text NOT NULL,
  command text,
  started_at timestamptz NOT NULL,
  completed_at timestamptz,
  status text NOT NULL,
  duration_ms bigint,
  had_on_failure_recovery boolean,
  error_message text,
  execution_number integer NOT NULL,
  instance text NOT NULL,
  is_start_known boolean NOT NULL
);

CREATE TABLE mapreduce_jobs (
  job_id text PRIMARY KEY,
  workflow_execution_id uuid REFERENCES workflow_executions (id),
  started_at timestamptz NOT NULL,
  completed_at timestamptz,
  total_items integer,
  successful_items integer,
  failed_items integer,
  dlq_items integer,
  status text NOT NULL,
  instance text NOT NULL,
  is_start_known boolean NOT NULL,
  are_items_stated boolean NOT NULL,
  status_at timestamptz
);

CREATE INDEX workflow_executions_started_at ON workflow_executions (started_at);
CREATE INDEX workflow_executions_workflow_name_started_at ON workflow_executions (workflow_name, started_at);
CREATE INDEX step_executions_workflow_execution_id ON step_executions (workflow_execution_id);
CREATE INDEX mapreduce_jobs_started_at ON mapreduce_jobs (started_at);

COMMENT ON TABLE workflow_executions IS 'One row per workflow run.';
COMMENT ON COLUMN workflow_executions.workflow_name IS '"unknown" until an event tells it, "unnamed" when the workflow has none.';
COMMENT ON COLUMN workflow_executions.status IS 'unknown, running, success, failed or cancelled.';
COMMENT ON TABLE step_executions IS 'One row per execution of a step; a step that runs again (iterations, resumes) has several.';
COMMENT ON COLUMN step_executions.status IS 'running, success, failed or skipped.';
COMMENT ON TABLE mapreduce_jobs IS 'One row per MapReduce job.';
COMMENT ON COLUMN mapreduce_jobs.job_id IS '<session>/<job id> where the session is known: a job id alone is not unique in Prodigy.';
COMMENT ON COLUMN mapreduce_jobs.status IS 'unknown, running, paused, success or failed.';
COMMENT ON COLUMN mapreduce_jobs.successful_items IS 'As the end of the job states, until then counted from agent_executions.';
