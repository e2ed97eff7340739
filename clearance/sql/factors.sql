-- Second factors: read and used before there is a context, when somebody signs in, but added and removed within one. Taking
-- the factors of somebody whose password is known would otherwise be the whole way into their account. An officer removes
-- others' having just proved a second factor of their own.

ALTER TABLE mfa_authenticator ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_see ON mfa_authenticator FOR SELECT TO portal_app USING (true);
CREATE POLICY own_adds ON mfa_authenticator FOR INSERT TO portal_app
    WITH CHECK (user_id = (SELECT person_id FROM clearance_here));
CREATE POLICY use_is_noted ON mfa_authenticator FOR UPDATE TO portal_app USING (true) WITH CHECK (true);
CREATE POLICY own_removes ON mfa_authenticator FOR DELETE TO portal_app
    USING (user_id = (SELECT person_id FROM clearance_here));
CREATE POLICY officer_revokes ON mfa_authenticator FOR DELETE TO portal_app
    USING ((SELECT officer AND second_factor_at > clock_timestamp() - interval '60 minutes' FROM clearance_here)
        AND user_id <> (SELECT person_id FROM clearance_here));

-- A trigger, not column rights: the library writes whole rows. Moved to somebody else a factor would be as good as removed.
CREATE FUNCTION clearance_hold_factor() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF current_user = 'portal_app' THEN
        RAISE EXCEPTION 'a second factor stays whose and what it is' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_factor BEFORE UPDATE OF id, user_id, type ON mfa_authenticator
    FOR EACH ROW WHEN ((OLD.id, OLD.user_id, OLD.type) IS DISTINCT FROM (NEW.id, NEW.user_id, NEW.type))
    EXECUTE FUNCTION clearance_hold_factor();
