-- Many invitations at once (docs/decisions/0060-bulk-invitations.md): jobs, and their rows as what a single call would
-- bring into its transaction.

CREATE TABLE invitation_jobs (
  tenant_id   uuid NOT NULL REFERENCES tenants,
  job_id      text NOT NULL,
  mode        smallint NOT NULL CONSTRAINT invitation_jobs_mode_is_known CHECK (mode IN (1, 2)),
  dry_run     boolean NOT NULL,
  state       smallint NOT NULL DEFAULT 1 CONSTRAINT invitation_jobs_state_is_known CHECK (state BETWEEN 1 AND 5),
  creator_kind smallint NOT NULL, -- of a principal; no foreign key: history outlives whoever made it
  created_by  text NOT NULL,
  application text NOT NULL,
  request_id  text NOT NULL,
  network     text NOT NULL,
  browser     text NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  resumes_at  timestamptz, -- the limits let it go on then
  worked_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT invitation_jobs_pkey PRIMARY KEY (tenant_id, job_id),
  CONSTRAINT invitation_jobs_finished_at_the_end CHECK ((state >= 3) = (finished_at IS NOT NULL))
);
CREATE INDEX invitation_jobs_running ON invitation_jobs (worked_at) WHERE state = 1;

CREATE TABLE invitation_job_rows (
  tenant_id     uuid NOT NULL,
  job_id        text NOT NULL,
  number        bigint NOT NULL,
  state         smallint NOT NULL CONSTRAINT invitation_job_rows_state_is_known CHECK (state BETWEEN 1 AND 5),
  email         text NOT NULL,
  email_key     text NOT NULL,
  phone         text NOT NULL,
  first_name    text NOT NULL,
  last_name     text NOT NULL,
  role          smallint NOT NULL,
  locale        text NOT NULL,
  message       text NOT NULL,
  expiry_hours  bigint NOT NULL,
  sends         boolean NOT NULL,
  on_conflict   smallint NOT NULL,
  starter_from  uuid,
  starter_to    uuid,
  starter_credits bigint,
  reservation   uuid,           -- what was set aside for it
  invitation_id text,
  status        smallint NOT NULL DEFAULT 0, -- of the refusal, as its next columns
  code          text NOT NULL DEFAULT '',
  title         text NOT NULL DEFAULT '',
  detail        text NOT NULL DEFAULT '',
  errors        text NOT NULL DEFAULT '',
  CONSTRAINT invitation_job_rows_pkey PRIMARY KEY (tenant_id, job_id, number),
  CONSTRAINT invitation_job_rows_job_exists FOREIGN KEY (tenant_id, job_id) REFERENCES invitation_jobs,
  CONSTRAINT invitation_job_rows_invited_is_there CHECK ((state = 2) = (invitation_id IS NOT NULL)),
  CONSTRAINT invitation_job_rows_refused_says_why CHECK ((state = 3) = (status > 0))
);
CREATE INDEX invitation_job_rows_waiting ON invitation_job_rows (tenant_id, job_id, number) WHERE state = 1;

CREATE TABLE invitation_job_assignments (
  tenant_id   uuid NOT NULL,
  job_id      text NOT NULL,
  number      bigint NOT NULL,
  position    bigint NOT NULL,
  account_id  uuid NOT NULL,
  entity_role smallint NOT NULL,
  CONSTRAINT invitation_job_assignments_pkey PRIMARY KEY (tenant_id, job_id, number, position),
  CONSTRAINT invitation_job_assignments_row_exists FOREIGN KEY (tenant_id, job_id, number) REFERENCES invitation_job_rows,
  CONSTRAINT invitation_job_assignments_entity_exists FOREIGN KEY (tenant_id, account_id)
    REFERENCES entities (tenant_id, account_id)
);

CREATE TABLE invitation_job_applications (
  tenant_id      uuid NOT NULL,
  job_id         text NOT NULL,
  number         bigint NOT NULL,
  position       bigint NOT NULL,
  application_id text NOT NULL,
  CONSTRAINT invitation_job_applications_pkey PRIMARY KEY (tenant_id, job_id, number, position),
  CONSTRAINT invitation_job_applications_row_exists FOREIGN KEY (tenant_id, job_id, number) REFERENCES invitation_job_rows
);

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['invitation_jobs', 'invitation_job_rows', 'invitation_job_assignments',
                              'invitation_job_applications'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own_tenant ON %I TO tessera_api USING (tenant_id = current_tenant()) '
                   'WITH CHECK (tenant_id = current_tenant())', name);
    EXECUTE format('CREATE POLICY node ON %I FOR SELECT TO tessera_writer USING (true)', name);
    EXECUTE format('GRANT SELECT, INSERT ON %I TO tessera_api', name);
    EXECUTE format('GRANT SELECT ON %I TO tessera_writer', name);
  END LOOP;
END $$;
GRANT UPDATE ON invitation_jobs, invitation_job_rows TO tessera_api;
