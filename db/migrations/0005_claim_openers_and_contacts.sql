-- The claims of an opener as a list reads them, those whose hashes are to be wiped, and when contacts with managers were written.
--
-- Expand only: the release before writes no `written_at`, which then permits the next write.

alter table manager_contact add column written_at timestamptz;
comment on column manager_contact.written_at is 'When what was heard of it was last written: no other write comes within a minute.';

-- Who opened it: the bot or runner that came by a credential of its own, or else the identity, as identities are compared.
create index claim_opener_idx on claim (
  realm,
  (case when opener_uid is not null then opener_uid::text when opener like 'user:%' then lower(opener) else opener end),
  opened_at,
  uid
);
create index claim_unwiped_idx on claim (ended_at)
  where ended_at is not null and (secret_hash is not null or nonce_hash is not null);

comment on table credential_audit is 'What happened to subjects, credentials, keys and gates. Never a secret.';
