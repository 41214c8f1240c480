-- One document changes what several servers own, in one transaction: role ringback_operator (roles.sql) acts as each of them in turn.

GRANT USAGE ON SCHEMA ringback TO ringback_operator;

-- A widget's key is one of its kind in the installation: whose it is, retired or not, before a document takes it.
CREATE FUNCTION find_channel_owner(wanted_key text) RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ringback AS $$
    SELECT c.business FROM channel c WHERE c.public_key = wanted_key
$$;
REVOKE ALL ON FUNCTION find_channel_owner FROM public;
GRANT EXECUTE ON FUNCTION find_channel_owner TO ringback_application;
