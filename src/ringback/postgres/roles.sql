-- Roles are cluster-wide; run as a superuser or a role with CREATEROLE. Passwords are set apart, by the program.
DO $$
DECLARE
    name text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ringback_owner') THEN
        CREATE ROLE ringback_owner NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    END IF;
    FOREACH name IN ARRAY ARRAY['migrator', 'application', 'interactions', 'sessions', 'identity', 'dispatcher', 'read'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'ringback_' || name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE', 'ringback_' || name);
        END IF;
    END LOOP;
    IF NOT pg_has_role('ringback_migrator', 'ringback_owner', 'MEMBER') THEN
        GRANT ringback_owner TO ringback_migrator;
    END IF;
END $$;
