-- name: bots
-- The bots of a business, without their questions: those are read when they changed.
SELECT id, slug, name, kind, about, is_default, url, secret, changed_at FROM bot WHERE business = :business ORDER BY slug;

-- name: questions
-- What a bot answers from.
SELECT questions, changed_at FROM bot WHERE business = :business AND id = :id;

-- name: documents
-- The bots as a document of the business says them.
SELECT id, slug, name, kind, about, is_default, questions, url, secret FROM bot WHERE business = :business ORDER BY slug;

-- name: save_bot
-- Make or change a bot.
INSERT INTO bot (business, id, slug, name, kind, about, is_default, questions, url, secret, changed_at)
VALUES (:business, :id, :slug, :name, :kind, :about, :is_default, :questions, :url, :secret, :now)
ON CONFLICT (business, slug) DO UPDATE SET name = excluded.name, kind = excluded.kind, about = excluded.about, is_default = excluded.is_default,
    questions = excluded.questions, url = excluded.url, secret = excluded.secret, changed_at = excluded.changed_at;

-- name: no_default
-- No bot is the default one any more.
UPDATE bot SET is_default = false, changed_at = :now WHERE business = :business AND is_default AND slug <> ALL (:but);

-- name: drop_bots
-- Bots that the document does not name any more.
DELETE FROM bot WHERE business = :business AND slug <> ALL (:kept);

-- name: emergency
-- The words that are an emergency, and what is said then.
SELECT words, text FROM emergency WHERE business = :business;

-- name: save_emergency
-- Make or change them.
INSERT INTO emergency (business, words, text) VALUES (:business, :words, :text)
ON CONFLICT (business) DO UPDATE SET words = excluded.words, text = excluded.text;

-- name: drop_emergency
-- No words are an emergency any more.
DELETE FROM emergency WHERE business = :business;

-- name: save_talk
-- Whose conversation it is, and how often the bot did not help.
UPDATE chat SET bot = :bot, bot_failures = :failures WHERE business = :business AND id = :id;

-- name: mark_emergency
-- A person comes first from now on.
UPDATE chat SET emergency_at = coalesce(emergency_at, :now), priority = greatest(priority, :priority) WHERE business = :business AND id = :id;

-- name: flag_chat
-- Somebody at the business has to look. Nothing when it is flagged already; an emergency stands above the rest.
UPDATE chat SET flagged_at = :now, flagged_why = :why
WHERE business = :business AND id = :id AND (flagged_at IS NULL OR flagged_why <> :why AND :why = 'emergency') RETURNING id;

-- name: unflag_chat
-- Somebody looked.
UPDATE chat SET flagged_at = NULL, flagged_why = NULL WHERE business = :business AND id = :id AND flagged_at IS NOT NULL RETURNING id;

-- name: transcript
-- The latest messages of a chat, oldest first.
SELECT * FROM (
    SELECT seq, author, text, at FROM chat_message WHERE business = :business AND chat = :chat AND seq <= :upto ORDER BY seq DESC LIMIT 20
) latest ORDER BY seq;
