-- name: person
-- Who it is.
SELECT jsonb_build_object('id', id, 'name', name, 'identity', identity, 'number', number, 'stopped_at', stopped_at,
    'created_at', created_at, 'erased_at', erased_at) AS value
FROM person WHERE business = :business AND id = :person;

-- name: chats
-- Their chats.
SELECT jsonb_build_object('id', id, 'zone', zone, 'language', language, 'page_url', page_url, 'topic', topic,
    'created_at', created_at, 'last_at', last_at, 'purged_at', purged_at) AS value
FROM chat WHERE business = :business AND person = :person ORDER BY created_at, id;

-- name: messages
-- Everything said in those chats.
SELECT jsonb_build_object('chat', m.chat, 'seq', m.seq, 'author', m.author, 'author_name', m.author_name, 'text', m.text,
    'status', m.status, 'at', m.at) AS value
FROM chat_message m JOIN chat h ON h.business = m.business AND h.id = m.chat
WHERE m.business = :business AND h.person = :person ORDER BY m.chat, m.seq;

-- name: answers
-- The questions they were asked, and what they chose.
SELECT jsonb_build_object('chat', p.chat, 'seq', p.seq, 'kind', p.kind, 'title', p.content ->> 'title', 'answered', p.answered,
    'answered_at', p.answered_at) AS value
FROM prompt p JOIN chat h ON h.business = p.business AND h.id = p.chat
WHERE p.business = :business AND h.person = :person ORDER BY p.chat, p.seq, p.id;

-- name: consents
-- What they allowed, in which words.
SELECT jsonb_build_object('id', id, 'chat', chat, 'channel', channel, 'words', words, 'answer', answer, 'number', number, 'at', at) AS value
FROM consent WHERE business = :business AND person = :person ORDER BY at, id;

-- name: requests
-- What they asked for.
SELECT jsonb_build_object('id', id, 'chat', chat, 'provider', provider, 'request', request, 'state', state, 'problem', problem,
    'made_at', made_at, 'answered_at', answered_at, 'finished_at', finished_at, 'rating', rating) AS value
FROM callback_request WHERE business = :business AND person = :person ORDER BY made_at, id;

-- name: callbacks
-- What became of it.
SELECT jsonb_build_object('id', c.id, 'provider', c.provider, 'person_name', c.person_name, 'destination', c.destination,
    'address', c.address, 'topic', c.topic, 'language', c.language, 'state', c.state, 'reason', c.reason, 'note', c.note,
    'disposition', c.disposition, 'accepted_at', c.accepted_at, 'window_start', c.window_start, 'window_end', c.window_end,
    'outcome', c.outcome, 'finished_at', c.finished_at) AS value
FROM callback c WHERE c.business = :business AND c.person = :person ORDER BY c.accepted_at, c.id;

-- name: promises
-- What was promised, and whether it was kept.
SELECT jsonb_build_object('callback', p.callback, 'n', p.n, 'kind', p.kind, 'made_at', p.made_at, 'window_start', p.window_start,
    'window_end', p.window_end, 'first_ring_at', p.first_ring_at, 'joined_at', p.joined_at, 'result', p.result, 'cause', p.cause) AS value
FROM promise p JOIN callback c ON c.business = p.business AND c.id = p.callback
WHERE p.business = :business AND c.person = :person ORDER BY p.made_at, p.id;

-- name: attempts
-- When they were called, and how it ended.
SELECT jsonb_build_object('callback', a.callback, 'number', a.number, 'began_at', a.began_at, 'joined_at', a.joined_at,
    'ended_at', a.ended_at, 'outcome', a.outcome) AS value
FROM attempt a JOIN callback c ON c.business = a.business AND c.id = a.callback
WHERE a.business = :business AND c.person = :person ORDER BY a.began_at, a.id;
