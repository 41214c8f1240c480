-- Log-ins, sessions, API keys, audit. Written by the identity role alone.

CREATE TABLE user_account (
    business      uuid NOT NULL REFERENCES business,
    id            uuid NOT NULL,
    email         text NOT NULL,
    name          text NOT NULL,
    password_hash text NOT NULL,                  -- argon2id
    roles         text[] NOT NULL CHECK (roles <@ ARRAY['agent', 'supervisor', 'admin', 'auditor']),
    agent         uuid,                           -- the agent this user is, if any
    queues        uuid[] NOT NULL DEFAULT '{}',   -- supervisor of these; empty: all
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (business, id)
);
CREATE UNIQUE INDEX user_account_email ON user_account (lower(email));
CALL protect('user_account');

CREATE TABLE login_session (
    business    uuid NOT NULL,
    token_hash  bytea NOT NULL,                   -- sha-256 of the cookie
    user_id     uuid NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    revoked_at  timestamptz,
    PRIMARY KEY (business, token_hash),
    FOREIGN KEY (business, user_id) REFERENCES user_account ON DELETE CASCADE
);
CALL protect('login_session');
CREATE UNIQUE INDEX login_session_token ON login_session (token_hash);

CREATE TABLE login_attempt (                      -- for throttling: by account and by address, hashed
    subject     bytea PRIMARY KEY,
    failures    int NOT NULL,
    last_at     timestamptz NOT NULL
);

CREATE TABLE api_key (
    business    uuid NOT NULL REFERENCES business,
    id          uuid NOT NULL,
    prefix      text NOT NULL,                    -- shown in lists: rbk_ab12cd
    secret_hash bytea NOT NULL,                   -- sha-256 of the whole key
    name        text NOT NULL,
    scopes      text[] NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    revoked_at  timestamptz,
    PRIMARY KEY (business, id)
);
CREATE UNIQUE INDEX api_key_secret ON api_key (secret_hash);
CALL protect('api_key');

CREATE TABLE audit (
    business    uuid NOT NULL,
    id          uuid NOT NULL,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    principal   text NOT NULL,
    action      text NOT NULL,
    subject     text NOT NULL,
    reason      text,
    detail      jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (business, id)
);
CALL protect('audit');

GRANT SELECT, INSERT, UPDATE, DELETE ON user_account, login_session, login_attempt, api_key TO ringback_identity;
GRANT SELECT, INSERT ON audit TO ringback_identity;
GRANT SELECT ON audit TO ringback_read;
GRANT SELECT (business, id, name, roles, agent) ON user_account TO ringback_read;

-- A principal is found before its business is known: these three look one row up by its secret and give nothing else away.
CREATE POLICY by_owner ON user_account TO ringback_owner USING (true);
CREATE POLICY by_owner ON login_session TO ringback_owner USING (true);
CREATE POLICY by_owner ON api_key TO ringback_owner USING (true);

CREATE FUNCTION find_user(wanted_email text) RETURNS TABLE (business uuid, id uuid, password_hash text, disabled boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ringback AS $$
    SELECT u.business, u.id, u.password_hash, u.disabled_at IS NOT NULL FROM user_account u WHERE lower(u.email) = lower(wanted_email)
$$;
CREATE FUNCTION find_login(wanted_hash bytea) RETURNS TABLE (business uuid, user_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ringback AS $$
    SELECT s.business, s.user_id FROM login_session s WHERE s.token_hash = wanted_hash AND s.revoked_at IS NULL AND s.expires_at > now()
$$;
CREATE FUNCTION find_api_key(wanted_hash bytea) RETURNS TABLE (business uuid, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ringback AS $$
    SELECT k.business, k.id FROM api_key k WHERE k.secret_hash = wanted_hash AND k.revoked_at IS NULL
$$;
REVOKE ALL ON FUNCTION find_user, find_login, find_api_key FROM public;
GRANT EXECUTE ON FUNCTION find_user, find_login, find_api_key TO ringback_identity;
