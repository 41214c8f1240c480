-- A page that closed is not rung on, but has been there a moment ago; and a page's silence counts only while somebody could hear it.
ALTER TABLE presence ADD COLUMN left_at timestamptz; -- it closed; unknown again once it is seen
ALTER TABLE process ADD COLUMN steady_since timestamptz NOT NULL DEFAULT clock_timestamp(); -- seen since then without a gap

-- Since when pages could be heard all the time: the longest steady application server that is alive; NULL while there is none.
CREATE FUNCTION pages_heard_since()
    RETURNS timestamptz
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (
        SELECT min(steady_since) FROM process
        WHERE 'application' = ANY (string_to_array(server, '+')) AND seen_at > clock_timestamp() - interval '5 seconds'
    );
