COMMENT ON COLUMN workflow_executions.status IS 'unknown, running, success, failed, cancelled or abandoned (not heard of any more since status_at).';
COMMENT ON COLUMN mapreduce_jobs.status IS 'unknown, running, paused, success, failed or abandoned (not heard of any more since status_at).';
COMMENT ON COLUMN events.origin IS 'line (event files, the socket), state (Prodigy''s and Claude''s own files) or exporter (work that did not move any more).';
