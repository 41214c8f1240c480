-- The callback application server's tables: channels, persons, chats, prompts, requests, consents, webhooks.

CREATE TABLE channel (
    business        uuid NOT NULL REFERENCES business,
    id              uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('web')),
    name            text NOT NULL,
    public_key      text NOT NULL UNIQUE,         -- the widget key: names the channel, proves nothing
    allowed_origins text[] NOT NULL,
    identity_secret text,                         -- verifies signed identities from the page's own server
    settings        jsonb NOT NULL DEFAULT '{}',  -- greeting, accent, default provider, region of typed numbers
    retired_at      timestamptz,
    PRIMARY KEY (business, id)
);
CALL protect('channel');

CREATE TABLE person (
    business     uuid NOT NULL REFERENCES business,
    id           uuid NOT NULL,
    name         text,
    identity     text,                            -- signed identity: issuer's subject
    number       text,                            -- proved only
    stopped_at   timestamptz,                     -- STOP: no contact
    created_at   timestamptz NOT NULL,
    erased_at    timestamptz,
    PRIMARY KEY (business, id)
);
CREATE UNIQUE INDEX person_identity ON person (business, identity) WHERE identity IS NOT NULL;
CREATE UNIQUE INDEX person_number ON person (business, number) WHERE number IS NOT NULL;
CALL protect('person');

CREATE TABLE chat (
    business     uuid NOT NULL,
    id           uuid NOT NULL,
    channel      uuid NOT NULL,
    person       uuid NOT NULL,
    token_hash   bytea NOT NULL,                  -- sha-256 of the bearer token
    zone         text NOT NULL,
    language     text NOT NULL DEFAULT 'en',
    page_url     text,
    last_seq     bigint NOT NULL DEFAULT 0,       -- of its messages: taken under this row's lock
    topic        text,                            -- what it is about, as understood so far
    draft        jsonb NOT NULL DEFAULT '{}',     -- provider, when, topic … chosen so far (rules/conversation.py)
    callback     uuid,                            -- the open request, if any
    card         jsonb,                           -- the live card's state: CallbackCard without its words (rules/callback_card.py)
    created_at   timestamptz NOT NULL,
    last_at      timestamptz NOT NULL,
    PRIMARY KEY (business, id),
    FOREIGN KEY (business, channel) REFERENCES channel,
    FOREIGN KEY (business, person) REFERENCES person
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX chat_token ON chat (token_hash);
CREATE INDEX chat_callback ON chat (business, callback) WHERE callback IS NOT NULL;
CREATE INDEX chat_person ON chat (business, person, last_at DESC);
CREATE INDEX chat_age ON chat (last_at);
CALL protect('chat');

CREATE TABLE chat_message (
    business     uuid NOT NULL,
    chat         uuid NOT NULL,
    seq          bigint NOT NULL,
    author       text NOT NULL CHECK (author IN ('customer', 'assistant', 'agent', 'system')),
    author_name  text,
    text         text NOT NULL CHECK (length(text) <= 8000),
    status       text,
    prompt       uuid,
    key          text,                            -- idempotency key of the customer's own
    expires_at   timestamptz,                     -- at-most-once messages ("calling you now") are not shown after it
    at           timestamptz NOT NULL,
    purged_at    timestamptz,
    PRIMARY KEY (business, chat, seq),
    FOREIGN KEY (business, chat) REFERENCES chat ON DELETE CASCADE
);
CREATE UNIQUE INDEX chat_message_key ON chat_message (business, chat, key) WHERE key IS NOT NULL;
CALL protect('chat_message');

CREATE TABLE prompt (
    business     uuid NOT NULL,
    id           uuid NOT NULL,
    chat         uuid NOT NULL,
    seq          bigint NOT NULL,                 -- the message it hangs under
    kind         text NOT NULL,
    content      jsonb NOT NULL,                  -- title, options with what each means (never sent out), consent words
    made_at      timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    answered_at  timestamptz,
    answered     text,                            -- the one line afterwards
    answered_option int,
    superseded   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (business, id),
    FOREIGN KEY (business, chat) REFERENCES chat ON DELETE CASCADE
);
CREATE INDEX prompt_live ON prompt (business, chat) WHERE answered_at IS NULL AND NOT superseded;
CALL protect('prompt');

CREATE TABLE consent (
    business     uuid NOT NULL,
    id           uuid NOT NULL,
    person       uuid NOT NULL,
    chat         uuid,
    channel      text NOT NULL,
    words        text NOT NULL,                   -- as shown
    answer       boolean NOT NULL,
    number       text,
    at           timestamptz NOT NULL,
    PRIMARY KEY (business, id),
    FOREIGN KEY (business, person) REFERENCES person
);
CALL protect('consent');

CREATE TABLE callback_request (                   -- the application server's own view of what it asked for; id = the callback's id
    business     uuid NOT NULL,
    id           uuid NOT NULL,
    chat         uuid,                            -- NULL: made over the API, the desk or the console
    person       uuid NOT NULL,
    principal    text NOT NULL,                   -- chat:<id>, user:<id>, key:<id>
    provider     text NOT NULL,
    request      jsonb NOT NULL,                  -- the RequestCallback as sent, number left out
    state        text NOT NULL CHECK (state IN ('sent', 'accepted', 'refused', 'finished')),
    public       jsonb NOT NULL DEFAULT '{}',     -- state, promise, place, agent … as last told by the interaction manager
    problem      text,
    made_at      timestamptz NOT NULL,
    answered_at  timestamptz,
    finished_at  timestamptz,
    PRIMARY KEY (business, id),
    FOREIGN KEY (business, person) REFERENCES person
);
CREATE INDEX callback_request_chat ON callback_request (business, chat, made_at DESC);
CALL protect('callback_request');

CREATE TABLE webhook_endpoint (
    business     uuid NOT NULL REFERENCES business,
    id           uuid NOT NULL,
    url          text NOT NULL,
    secret       text NOT NULL,                   -- whsec_…, Standard Webhooks
    events       text[] NOT NULL DEFAULT '{}',    -- empty: all
    created_at   timestamptz NOT NULL,
    disabled_at  timestamptz,
    failing_since timestamptz,
    PRIMARY KEY (business, id)
);
CALL protect('webhook_endpoint');

CREATE TABLE webhook_delivery (
    business     uuid NOT NULL,
    id           uuid NOT NULL,                   -- webhook-id: the same over all tries
    endpoint     uuid NOT NULL,
    event        text NOT NULL,
    body         text NOT NULL,                   -- exactly the bytes that are signed
    tries        int NOT NULL DEFAULT 0,
    made_at      timestamptz NOT NULL,
    delivered_at timestamptz,
    failed_at    timestamptz,
    last_error   text,
    PRIMARY KEY (business, id),
    FOREIGN KEY (business, endpoint) REFERENCES webhook_endpoint ON DELETE CASCADE
);
CREATE INDEX webhook_delivery_recent ON webhook_delivery (business, endpoint, made_at DESC);
CALL protect('webhook_delivery');

-- What pages say about legs, until the session management server has applied it; and the signals between two pages.
CREATE TABLE page_input (
    business     uuid NOT NULL,
    leg          uuid NOT NULL,
    id           uuid NOT NULL,                   -- the page's idempotency key
    page         uuid NOT NULL,
    kind         text NOT NULL,
    reason       text,
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    n            bigint GENERATED ALWAYS AS IDENTITY,
    applied_at   timestamptz,
    PRIMARY KEY (business, leg, id)
);
CREATE INDEX page_input_new ON page_input (n) WHERE applied_at IS NULL;
CALL protect('page_input');

CREATE TABLE page_signal (
    business     uuid NOT NULL,
    leg          uuid NOT NULL,                   -- the leg it is FOR
    id           bigint NOT NULL,                 -- ascending per leg, taken under the head row's lock
    key          uuid NOT NULL,
    round        int NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('offer', 'answer', 'candidate')),
    payload      text NOT NULL CHECK (length(payload) <= 32768),
    at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (business, leg, id)
);
CREATE UNIQUE INDEX page_signal_key ON page_signal (business, leg, key);
CREATE INDEX page_signal_age ON page_signal (at);
CALL protect('page_signal');

CREATE TABLE page_signal_head (
    business     uuid NOT NULL,
    leg          uuid NOT NULL,
    last_id      bigint NOT NULL,
    PRIMARY KEY (business, leg)
) WITH (fillfactor = 60);
CALL protect('page_signal_head');

GRANT SELECT, INSERT, UPDATE, DELETE ON channel, person, chat, chat_message, prompt, consent, callback_request, webhook_endpoint, webhook_delivery,
    page_input, page_signal, page_signal_head TO ringback_application;
GRANT SELECT ON person, chat, chat_message, prompt, consent, callback_request TO ringback_read;
GRANT SELECT (business, id, kind, name, public_key, allowed_origins, settings, retired_at) ON channel TO ringback_read;
GRANT SELECT, UPDATE (applied_at) ON page_input TO ringback_sessions;
CREATE POLICY dispatch ON page_input TO ringback_dispatcher USING (true);
GRANT SELECT (business, leg, id, n, applied_at) ON page_input TO ringback_dispatcher;

-- A visitor is found before the business is known.
CREATE POLICY by_owner ON channel TO ringback_owner USING (true);
CREATE POLICY by_owner ON chat TO ringback_owner USING (true);
CREATE FUNCTION find_channel(wanted_key text) RETURNS TABLE (business uuid, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ringback AS $$
    SELECT c.business, c.id FROM channel c WHERE c.public_key = wanted_key AND c.retired_at IS NULL
$$;
CREATE FUNCTION find_chat(wanted_hash bytea) RETURNS TABLE (business uuid, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ringback AS $$
    SELECT c.business, c.id FROM chat c WHERE c.token_hash = wanted_hash
$$;
REVOKE ALL ON FUNCTION find_channel, find_chat FROM public;
GRANT EXECUTE ON FUNCTION find_channel, find_chat TO ringback_application;
