-- name: hold_channels
-- One at a time changes the widgets of a business: their names are one of a kind.
SELECT pg_advisory_xact_lock(hashtextextended('channel ' || (:business::uuid)::text, 0));

-- name: list_channels
-- The widgets of a business that are in use; secrets stay where they are.
SELECT id, kind, name, public_key, allowed_origins, settings, options, identity_secret IS NOT NULL AS signs_identities
FROM channel WHERE business = :business AND retired_at IS NULL ORDER BY name, id;

-- name: get_channel
-- One of them.
SELECT id, kind, name, public_key, allowed_origins, settings, options, identity_secret IS NOT NULL AS signs_identities
FROM channel WHERE business = :business AND id = :id AND retired_at IS NULL;

-- name: account_to_change
-- What an account is before it is changed; the row is held.
SELECT kind, credentials, options FROM channel WHERE business = :business AND id = :id AND retired_at IS NULL FOR UPDATE;

-- name: channel_named
-- Which widget has a name, in use or not.
SELECT id, retired_at IS NOT NULL AS retired FROM channel WHERE business = :business AND name = :name ORDER BY retired_at NULLS FIRST LIMIT 1;

-- name: insert_channel
-- A widget; one that was deleted under the same name comes back with another key.
INSERT INTO channel (business, id, kind, name, public_key, allowed_origins, identity_secret, settings, credentials, options)
VALUES (:business, :id, :kind, :name, :public_key, :allowed_origins, :identity_secret, :settings, :credentials, :options)
ON CONFLICT (business, id) DO UPDATE SET kind = excluded.kind, credentials = excluded.credentials, options = excluded.options, public_key = excluded.public_key, allowed_origins = excluded.allowed_origins,
    identity_secret = excluded.identity_secret, settings = excluded.settings, retired_at = NULL;

-- name: update_channel
-- NULL leaves a member as it is.
UPDATE channel SET name = coalesce(:name, name), allowed_origins = coalesce(:allowed_origins, allowed_origins),
    identity_secret = coalesce(:identity_secret, identity_secret), settings = settings || :settings,
    credentials = credentials || :credentials, options = coalesce(:options, options)
WHERE business = :business AND id = :id AND retired_at IS NULL;

-- name: replace_channel_key
-- Another key; the one before opens no chat any more.
UPDATE channel SET public_key = :public_key WHERE business = :business AND id = :id AND retired_at IS NULL;

-- name: retire_channel
-- The widget opens no chat any more; what was written in it stays.
UPDATE channel SET retired_at = :now WHERE business = :business AND id = :id AND retired_at IS NULL;
