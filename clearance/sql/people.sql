-- What the access decision reads of people and organisations: written by the clearance officer alone, whatever SQL the
-- web role runs. A firm made into a ministry, or moved to another country, would widen what its people reach.

ALTER TABLE accounts_organisation ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_see ON accounts_organisation FOR SELECT TO portal_app, portal_worker USING (true);
CREATE POLICY officer_adds ON accounts_organisation FOR INSERT TO portal_app
    WITH CHECK ((SELECT officer FROM clearance_here));
CREATE POLICY officer_changes ON accounts_organisation FOR UPDATE TO portal_app
    USING ((SELECT officer FROM clearance_here)) WITH CHECK ((SELECT officer FROM clearance_here));

-- A trigger, not a policy: people change other columns of their own row before there is a context (a new password).
CREATE FUNCTION clearance_hold_account() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF current_user = 'portal_app' AND NOT coalesce((SELECT officer FROM clearance_here), false) THEN
        RAISE EXCEPTION 'only the clearance officer enters people, locks and unlocks accounts' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_account BEFORE UPDATE OF is_active ON accounts_person
    FOR EACH ROW WHEN (OLD.is_active IS DISTINCT FROM NEW.is_active) EXECUTE FUNCTION clearance_hold_account();
-- Nor does anybody else enter people: a row with an address of one's own would be led into its organisation by the letter
-- that sets a new password.
CREATE TRIGGER hold_entry BEFORE INSERT ON accounts_person FOR EACH ROW EXECUTE FUNCTION clearance_hold_account();
