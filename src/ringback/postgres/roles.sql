-- Roles are cluster-wide; run as a superuser or a role with CREATEROLE. Passwords are set apart, by the program.
DO $$
DECLARE
    name text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ringback_owner') THEN
        CREATE ROLE ringback_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    END IF;
    FOREACH name IN ARRAY ARRAY['migrator', 'application', 'interactions', 'sessions', 'identity', 'dispatcher', 'read', 'operator'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ringback_' || name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', 'ringback_' || name);
        END IF;
    END LOOP;
    IF NOT pg_has_role('ringback_migrator', 'ringback_owner', 'MEMBER') THEN
        GRANT ringback_owner TO ringback_migrator;
    END IF;
    -- The operator's own rights are none: within a transaction it takes the place of one server after the other (SET LOCAL ROLE).
    ALTER ROLE ringback_operator NOINHERIT;
    FOREACH name IN ARRAY ARRAY['application', 'interactions', 'identity'] LOOP
        IF NOT pg_has_role('ringback_operator', ('ringback_' || name)::name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO ringback_operator', 'ringback_' || name);
        END IF;
    END LOOP;
END $$;
