-- Who sees a case: whoever holds an envelope of it under a key of theirs that is in use, and nobody else, whatever their
-- duty. The desks' manager gets counts and dates through functions; the worker reads the columns its privileges name.

-- The desks the present person is an officer of.
CREATE FUNCTION consultations_desks() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT o.desk_id FROM consultations_deskofficer o
     WHERE o.person_id = (SELECT person_id FROM clearance_here)
       AND o.since <= clock_timestamp() AND (o.until IS NULL OR o.until > clock_timestamp())
$$;

-- Evaluated once a statement; as its owner, or the policy on the envelopes would ask for itself. Whoever is no desk's
-- officer any more sees nothing, be it still sealed to them.
CREATE FUNCTION consultations_mine() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT e.case_id FROM intake_envelope e JOIN consultations_officerkey k ON k.id = e.key_id
     WHERE k.person_id = (SELECT person_id FROM clearance_here) AND k.retired IS NULL
       AND EXISTS (SELECT FROM consultations_desks())
$$;

-- The findings the present person may read, or has begun.
CREATE FUNCTION consultations_findings() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT e.finding_id FROM consultations_findingenvelope e JOIN consultations_officerkey k ON k.id = e.key_id
     WHERE k.person_id = (SELECT person_id FROM clearance_here) AND k.retired IS NULL
       AND EXISTS (SELECT FROM consultations_desks())
    UNION
    SELECT f.id FROM consultations_finding f WHERE f.drafted_by_id = (SELECT person_id FROM clearance_here)
$$;

CREATE FUNCTION consultations_manages() RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$ SELECT coalesce((SELECT 'DESK_MANAGER' = ANY(duties) FROM clearance_here), false) $$;

CREATE POLICY reader_sees ON intake_case FOR SELECT TO portal_app USING (id IN (SELECT consultations_mine()));
CREATE POLICY reader_changes ON intake_case FOR UPDATE TO portal_app
    USING (id IN (SELECT consultations_mine())) WITH CHECK (id IN (SELECT consultations_mine()));

CREATE POLICY reader_sees ON intake_envelope FOR SELECT TO portal_app USING (case_id IN (SELECT consultations_mine()));
CREATE POLICY reader_adds ON intake_envelope FOR INSERT TO portal_app WITH CHECK (case_id IN (SELECT consultations_mine()));
CREATE POLICY reader_changes ON intake_envelope FOR UPDATE TO portal_app
    USING (case_id IN (SELECT consultations_mine())) WITH CHECK (case_id IN (SELECT consultations_mine()));
CREATE POLICY reader_removes ON intake_envelope FOR DELETE TO portal_app USING (case_id IN (SELECT consultations_mine()));

-- The office says nothing in the sender's name, and takes nothing away: what is destroyed, the worker destroys.
-- (Compared as text: over a varchar, PostgreSQL words `IN` anew when a backup is restored, and the policy looks altered.)
CREATE POLICY reader_sees ON intake_entry FOR SELECT TO portal_app USING (case_id IN (SELECT consultations_mine()));
CREATE POLICY reader_says ON intake_entry FOR INSERT TO portal_app
    WITH CHECK (case_id IN (SELECT consultations_mine()) AND NOT by_sender
        AND kind::text IN ('ANSWER', 'QUESTION', 'ASK_CONSENT', 'NOTE'));
CREATE POLICY reader_changes ON intake_entry FOR UPDATE TO portal_app
    USING (case_id IN (SELECT consultations_mine())) WITH CHECK (case_id IN (SELECT consultations_mine()));

CREATE POLICY reader_sees ON intake_blob FOR SELECT TO portal_app USING (case_id IN (SELECT consultations_mine()));
CREATE POLICY reader_adds ON intake_blob FOR INSERT TO portal_app WITH CHECK (case_id IN (SELECT consultations_mine()));
CREATE POLICY reader_removes ON intake_blob FOR DELETE TO portal_app USING (case_id IN (SELECT consultations_mine()));

CREATE POLICY reader_sees ON intake_leaf FOR SELECT TO portal_app USING (case_id IN (SELECT consultations_mine()));

ALTER TABLE consultations_casefile ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader_sees ON consultations_casefile FOR SELECT TO portal_app USING (case_id IN (SELECT consultations_mine()));
CREATE POLICY reader_changes ON consultations_casefile FOR UPDATE TO portal_app
    USING (case_id IN (SELECT consultations_mine())) WITH CHECK (case_id IN (SELECT consultations_mine()));
CREATE POLICY worker_keeps ON consultations_casefile FOR ALL TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE consultations_answertemplate ENABLE ROW LEVEL SECURITY;
CREATE POLICY desk_keeps ON consultations_answertemplate FOR ALL TO portal_app
    USING (desk_id IN (SELECT consultations_desks())) WITH CHECK (desk_id IN (SELECT consultations_desks()));

ALTER TABLE consultations_tombstone ENABLE ROW LEVEL SECURITY;
CREATE POLICY manager_sees ON consultations_tombstone FOR SELECT TO portal_app USING ((SELECT consultations_manages()));

ALTER TABLE consultations_notified ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker_keeps ON consultations_notified FOR ALL TO portal_worker USING (true) WITH CHECK (true);

ALTER TABLE consultations_finding ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader_sees ON consultations_finding FOR SELECT TO portal_app USING (id IN (SELECT consultations_findings()));
CREATE POLICY officer_drafts ON consultations_finding FOR INSERT TO portal_app
    WITH CHECK (drafted_by_id = (SELECT person_id FROM clearance_here) AND state = 'DRAFT');
CREATE POLICY reader_changes ON consultations_finding FOR UPDATE TO portal_app
    USING (id IN (SELECT consultations_findings())) WITH CHECK (id IN (SELECT consultations_findings()));

ALTER TABLE consultations_findingenvelope ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader_keeps ON consultations_findingenvelope FOR ALL TO portal_app
    USING (finding_id IN (SELECT consultations_findings())) WITH CHECK (finding_id IN (SELECT consultations_findings()));

-- Which cases a finding is drawn from, is known to whoever reads the finding; only what one reads oneself is added.
ALTER TABLE consultations_findingsource ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader_sees ON consultations_findingsource FOR SELECT TO portal_app
    USING (finding_id IN (SELECT consultations_findings()));
CREATE POLICY reader_adds ON consultations_findingsource FOR INSERT TO portal_app
    WITH CHECK (finding_id IN (SELECT consultations_findings()) AND case_id IN (SELECT consultations_mine()));
CREATE POLICY reader_removes ON consultations_findingsource FOR DELETE TO portal_app
    USING (finding_id IN (SELECT consultations_findings()));

-- A finding is approved by the present person alone, as it was asked; what is changed after that has to be asked again.
CREATE FUNCTION consultations_guard_finding() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    me uuid := (SELECT person_id FROM clearance_here);
BEGIN
    IF NEW.drafted_by_id <> OLD.drafted_by_id OR OLD.state IN ('RELEASED', 'DROPPED') THEN
        RAISE EXCEPTION 'a finding keeps its author, and stays as it was released' USING ERRCODE = '42501';
    END IF;
    IF (NEW.sealed <> OLD.sealed OR NEW.revision <> OLD.revision) AND (NEW.approved_by_id IS NOT NULL OR NEW.state <> 'DRAFT') THEN
        RAISE EXCEPTION 'what was changed is a draft again' USING ERRCODE = '42501';
    END IF;
    IF NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id AND NEW.approved_by_id IS NOT NULL
       AND (OLD.state <> 'ASKED' OR NEW.approved_by_id IS DISTINCT FROM me) THEN
        RAISE EXCEPTION 'somebody else approves what was asked' USING ERRCODE = '42501';
    END IF;
    IF NEW.state = 'RELEASED' AND OLD.state <> 'APPROVED' THEN
        RAISE EXCEPTION 'only what was approved is released' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard BEFORE UPDATE ON consultations_finding FOR EACH ROW
    WHEN (current_user = 'portal_app') EXECUTE FUNCTION consultations_guard_finding();

-- For the desks' manager: what is to be destroyed within so many days, or was asked to be, and still lacks a consent.
CREATE FUNCTION consultations_to_destroy(within integer)
    RETURNS TABLE (case_id uuid, classed text, received_on date, destroy_on date, asked boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT f.case_id, f.classed, c.received_on, f.destroy_on, f.destroy_asked_on IS NOT NULL
      FROM consultations_casefile f JOIN intake_case c ON c.id = f.case_id
     WHERE (SELECT consultations_manages()) AND f.taken_up_on IS NULL AND f.consent_reference = ''
       AND f.destroy_on <= clearance_today() + within
     ORDER BY f.destroy_on, f.case_id
$$;

-- The manager records by which consent (公文書等の管理に関する法律 第8条第2項) a case is destroyed on its day.
CREATE FUNCTION consultations_consent(which uuid, reference text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    UPDATE consultations_casefile SET consent_reference = left(reference, 100), consent_on = clearance_today(),
           consent_by_id = (SELECT person_id FROM clearance_here)
     WHERE case_id = which AND (SELECT consultations_manages()) AND taken_up_on IS NULL AND consent_reference = ''
       AND destroy_on IS NOT NULL AND btrim(reference) <> '';
    RETURN FOUND;
END $$;

-- Whose case it is, as far as the office knows: a case that repeats an earlier one, or went on in another, is that one's, and so
-- on back to the first; of cases that name each other in a ring, the smallest id's. As a pseudonym, for the disclosure rule
-- (findings/rule.py): the first case need not be one that the present person may know of.
CREATE FUNCTION consultations_root(which uuid) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    root uuid := which;
    earlier uuid;
    passed uuid[] := '{}';
BEGIN
    IF NOT (consultations_manages() OR EXISTS (SELECT FROM consultations_desks())) THEN
        RETURN NULL;
    END IF;
    LOOP
        passed := passed || root;
        earlier := (SELECT coalesce(merged_into_id, repeat_of_id) FROM consultations_casefile WHERE case_id = root);
        EXIT WHEN earlier IS NULL;
        root := earlier;
        IF earlier = ANY (passed) THEN
            root := (SELECT ring FROM unnest(passed[array_position(passed, earlier):]) ring ORDER BY ring LIMIT 1);
            EXIT;
        END IF;
    END LOOP;
    RETURN encode(sha256(convert_to('consultations source ' || root, 'UTF8')), 'hex');
END $$;

-- How many senders came in each quarter (its first day), by what their first case in it is classed, for the statistics: shown
-- under the disclosure rule alone (findings/statistics.py). To whoever works at a desk, or runs them; and since these may be
-- officers whose desk a sender kept out, without the cases' ids and days, and in no order that tells who came before whom.
CREATE FUNCTION consultations_received()
    RETURNS TABLE (quarter date, source text, classed text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT DISTINCT ON (1, 2) date_trunc('quarter', c.received_on)::date, consultations_root(f.case_id), f.classed
      FROM consultations_casefile f JOIN intake_case c ON c.id = f.case_id
     WHERE (SELECT consultations_manages() OR EXISTS (SELECT FROM consultations_desks()))
     ORDER BY 1, 2, c.received_on, f.case_id
$$;

-- Destroys one case once its day is two days past, and gives the names of its files. Nothing that was taken up into the record,
-- nothing without a consent, nothing before that, nothing that was not warned of, nothing said in since the consent: then NULL.
-- Two days, since what the sender said on the last one may lie in the intake's spool for up to a day before it is carried in
-- (retention.py: LATEST).
CREATE FUNCTION consultations_destroy(which uuid) RETURNS text[]
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    held record;
    files text[];
BEGIN
    SELECT f.*, c.received_on INTO held FROM consultations_casefile f JOIN intake_case c ON c.id = f.case_id
     WHERE f.case_id = which AND f.taken_up_on IS NULL AND f.consent_reference <> ''
       AND f.destroy_on <= clearance_today() - 2 AND f.warned_first_on IS NOT NULL AND f.warned_last_on IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM intake_entry e WHERE e.case_id = which AND e.shared AND e.day > f.consent_on)
       FOR UPDATE OF f, c;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT coalesce(array_agg(b.name), '{}') INTO files FROM intake_blob b WHERE b.case_id = which;
    INSERT INTO consultations_tombstone (id, classed, received_on, destroyed_on, consent_reference, consent_on)
    VALUES (which, held.classed, held.received_on, clearance_today(), held.consent_reference, held.consent_on);
    UPDATE consultations_casefile SET merged_into_id = NULL WHERE merged_into_id = which;
    UPDATE consultations_casefile SET repeat_of_id = NULL WHERE repeat_of_id = which;
    DELETE FROM consultations_findingsource WHERE case_id = which;
    DELETE FROM consultations_barred WHERE case_id = which;
    DELETE FROM consultations_rekeying WHERE case_id = which;
    DELETE FROM consultations_casefile WHERE case_id = which;
    DELETE FROM intake_leaf WHERE case_id = which;
    DELETE FROM intake_blob WHERE case_id = which;
    DELETE FROM intake_entry WHERE case_id = which;
    DELETE FROM intake_envelope WHERE case_id = which;
    DELETE FROM intake_case WHERE id = which;
    RETURN files;
END $$;
