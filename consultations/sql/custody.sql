-- The officers' keys: who writes which of these rows. A wrapped private key is its owner's alone to see; who is an officer, and
-- whether they have a key, the manager sees, too. Loaded after cases.sql, whose functions are used here.

-- Whoever decides who reads, having proved a second factor within the hour.
CREATE FUNCTION consultations_appoints() RETURNS boolean
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT coalesce((SELECT 'DESK_MANAGER' = ANY(duties) AND second_factor_at > clock_timestamp() - interval '60 minutes'
                       FROM clearance_here), false)
$$;

CREATE FUNCTION consultations_holds() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT h.id FROM consultations_escrowholder h
     WHERE h.person_id = (SELECT person_id FROM clearance_here) AND h.until IS NULL
$$;

-- Whether the present person needs a key of their own.
CREATE FUNCTION consultations_serves() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM consultations_desks()) OR EXISTS (SELECT FROM consultations_holds()) $$;

-- Whether the desks are their business at all.
CREATE FUNCTION consultations_involved() RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$ SELECT consultations_manages() OR consultations_serves() $$;

-- Who may be appointed: an active person of a ministry who does not appoint; to read cases, an official.
CREATE FUNCTION consultations_may_serve(who uuid, reading boolean) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT EXISTS (SELECT FROM accounts_person p JOIN accounts_organisation o ON o.id = p.organisation_id
                    WHERE p.id = who AND p.is_active AND o.active AND o.kind = 'MINISTRY')
       AND NOT EXISTS (SELECT FROM accounts_appointment a WHERE a.person_id = who AND a.duty = 'DESK_MANAGER'
                        AND a.since <= clock_timestamp() AND (a.until IS NULL OR a.until > clock_timestamp()))
       AND (NOT reading OR EXISTS (SELECT FROM accounts_appointment a WHERE a.person_id = who AND a.duty = 'OFFICIAL'
                        AND a.since <= clock_timestamp() AND (a.until IS NULL OR a.until > clock_timestamp())))
$$;

-- --- desks and who reads there ----------------------------------------------------------------------------------------

ALTER TABLE intake_desk ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody_sees ON intake_desk FOR SELECT TO portal_app, portal_worker, portal_intake USING (true);
CREATE POLICY manager_opens ON intake_desk FOR INSERT TO portal_app WITH CHECK ((SELECT consultations_appoints()));
CREATE POLICY manager_changes ON intake_desk FOR UPDATE TO portal_app
    USING ((SELECT consultations_appoints())) WITH CHECK ((SELECT consultations_appoints()));

-- To whom concerns are sealed: an officer enters their own key, for their own desks, as it is. Nobody enters another's; but for
-- the key they have when they are appointed, which is entered with that (consultations_enter_reader).
ALTER TABLE intake_reader ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody_sees ON intake_reader FOR SELECT TO portal_app, portal_worker, portal_intake USING (true);
CREATE POLICY owner_enters ON intake_reader FOR INSERT TO portal_app
    WITH CHECK (desk_id IN (SELECT consultations_desks()) AND EXISTS (
        SELECT FROM consultations_officerkey k WHERE k.id = key_id AND k.public = intake_reader.public AND k.retired IS NULL
           AND k.person_id = (SELECT person_id FROM clearance_here)));
CREATE POLICY owner_removes ON intake_reader FOR DELETE TO portal_app
    USING (EXISTS (SELECT FROM consultations_officerkey k
                    WHERE k.id = key_id AND k.person_id = (SELECT person_id FROM clearance_here)));

ALTER TABLE consultations_deskofficer ENABLE ROW LEVEL SECURITY;
CREATE POLICY involved_see ON consultations_deskofficer FOR SELECT TO portal_app USING ((SELECT consultations_involved()));
CREATE POLICY manager_appoints ON consultations_deskofficer FOR INSERT TO portal_app
    WITH CHECK ((SELECT consultations_appoints()) AND appointed_by_id = (SELECT person_id FROM clearance_here)
        AND person_id <> appointed_by_id AND until IS NULL AND ended_by_id IS NULL AND since <= clock_timestamp()
        AND consultations_may_serve(person_id, true));
CREATE POLICY worker_tells ON consultations_deskofficer FOR SELECT TO portal_worker USING (true);

-- Whoever comes to a desk with a key in use reads there at once: a sender who keeps that desk out keeps them out too, whether
-- or not they have unlocked their key since (the intake and services/custody/sharing.py go by these rows).
CREATE FUNCTION consultations_enter_reader() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    INSERT INTO intake_reader (id, desk_id, key_id, public)
    SELECT gen_random_uuid(), NEW.desk_id, k.id, k.public FROM consultations_officerkey k
     WHERE k.person_id = NEW.person_id AND k.retired IS NULL AND NEW.until IS NULL
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER enter_reader AFTER INSERT ON consultations_deskofficer FOR EACH ROW
    EXECUTE FUNCTION consultations_enter_reader();

-- --- keys -------------------------------------------------------------------------------------------------------------

ALTER TABLE consultations_officerkey ENABLE ROW LEVEL SECURITY;
CREATE POLICY involved_see ON consultations_officerkey FOR SELECT TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here) OR (SELECT consultations_involved()));
CREATE POLICY owner_makes ON consultations_officerkey FOR INSERT TO portal_app
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here) AND retired IS NULL AND (SELECT consultations_serves()));
CREATE POLICY owner_retires ON consultations_officerkey FOR UPDATE TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here) AND retired IS NULL)
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here));
CREATE POLICY worker_tells ON consultations_officerkey FOR SELECT TO portal_worker USING (true);

ALTER TABLE consultations_keywrap ENABLE ROW LEVEL SECURITY;
CREATE POLICY owner_keeps ON consultations_keywrap FOR ALL TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here))
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here)
        AND (key_id IS NULL OR EXISTS (SELECT FROM consultations_officerkey k
                                        WHERE k.id = key_id AND k.person_id = consultations_keywrap.person_id))
        AND (recovery_id IS NULL OR EXISTS (SELECT FROM consultations_recovery r
                                             WHERE r.id = recovery_id AND r.person_id = consultations_keywrap.person_id)));

-- The count only grows while it counts.
ALTER TABLE consultations_wrongpassphrase ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_sees ON consultations_wrongpassphrase FOR SELECT TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here));
CREATE POLICY own_counts ON consultations_wrongpassphrase FOR INSERT TO portal_app
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here));
CREATE POLICY old_goes ON consultations_wrongpassphrase FOR DELETE TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here) AND at < clock_timestamp() - interval '1 day');

ALTER TABLE consultations_unlocking ENABLE ROW LEVEL SECURITY;
ALTER TABLE consultations_unlocking ADD CONSTRAINT unlocking_ends_with_its_session
    FOREIGN KEY (session_id) REFERENCES accounts_session (session_key) ON DELETE CASCADE;
CREATE POLICY own_keeps ON consultations_unlocking FOR ALL TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here))
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here)
        AND EXISTS (SELECT FROM accounts_session s WHERE s.session_key = session_id AND s.person_id = consultations_unlocking.person_id)
        AND EXISTS (SELECT FROM consultations_officerkey k WHERE k.id = key_id AND k.person_id = consultations_unlocking.person_id
                       AND k.retired IS NULL));

-- --- escrow -----------------------------------------------------------------------------------------------------------

ALTER TABLE consultations_escrowholder ENABLE ROW LEVEL SECURITY;
CREATE POLICY involved_see ON consultations_escrowholder FOR SELECT TO portal_app USING ((SELECT consultations_involved()));
CREATE POLICY manager_appoints ON consultations_escrowholder FOR INSERT TO portal_app
    WITH CHECK ((SELECT consultations_appoints()) AND appointed_by_id = (SELECT person_id FROM clearance_here)
        AND person_id <> appointed_by_id AND until IS NULL AND ended_by_id IS NULL AND since <= clock_timestamp()
        AND consultations_may_serve(person_id, false));

ALTER TABLE consultations_escrowshare ENABLE ROW LEVEL SECURITY;
CREATE POLICY owner_and_holder_see ON consultations_escrowshare FOR SELECT TO portal_app
    USING (holder_id IN (SELECT consultations_holds()) OR EXISTS (
        SELECT FROM consultations_officerkey k WHERE k.id = key_id AND k.person_id = (SELECT person_id FROM clearance_here)));
CREATE POLICY owner_shares ON consultations_escrowshare FOR INSERT TO portal_app
    WITH CHECK (EXISTS (SELECT FROM consultations_officerkey k
                         WHERE k.id = key_id AND k.person_id = (SELECT person_id FROM clearance_here) AND k.retired IS NULL)
        AND EXISTS (SELECT FROM consultations_escrowholder h JOIN consultations_officerkey k ON k.person_id = h.person_id
                     WHERE h.id = holder_id AND h.until IS NULL AND k.id = holder_key_id AND k.retired IS NULL
                       AND h.person_id <> (SELECT person_id FROM clearance_here)));
CREATE POLICY owner_takes_back ON consultations_escrowshare FOR DELETE TO portal_app
    USING (EXISTS (SELECT FROM consultations_officerkey k
                    WHERE k.id = key_id AND k.person_id = (SELECT person_id FROM clearance_here)));

ALTER TABLE consultations_recovery ENABLE ROW LEVEL SECURITY;
CREATE POLICY owner_and_holders_see ON consultations_recovery FOR SELECT TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here) OR closed IS NULL AND EXISTS (SELECT FROM consultations_holds()));
CREATE POLICY owner_asks ON consultations_recovery FOR INSERT TO portal_app
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here) AND closed IS NULL AND NOT done
        AND (SELECT consultations_serves()) AND EXISTS (
            SELECT FROM consultations_officerkey k WHERE k.id = key_id AND k.person_id = consultations_recovery.person_id
               AND k.retired IS NULL));
CREATE POLICY owner_closes ON consultations_recovery FOR UPDATE TO portal_app
    USING (person_id = (SELECT person_id FROM clearance_here) AND closed IS NULL)
    WITH CHECK (person_id = (SELECT person_id FROM clearance_here) AND closed IS NOT NULL);

-- A holder answers once, out of the share that is theirs, and never for themselves.
ALTER TABLE consultations_recoveryanswer ENABLE ROW LEVEL SECURITY;
CREATE POLICY owner_and_holder_see ON consultations_recoveryanswer FOR SELECT TO portal_app
    USING (holder_id IN (SELECT consultations_holds()) OR EXISTS (
        SELECT FROM consultations_recovery r WHERE r.id = recovery_id AND r.person_id = (SELECT person_id FROM clearance_here)));
CREATE POLICY holder_answers ON consultations_recoveryanswer FOR INSERT TO portal_app
    WITH CHECK (holder_id IN (SELECT consultations_holds()) AND EXISTS (
        SELECT FROM consultations_recovery r JOIN consultations_escrowshare s ON s.key_id = r.key_id
         WHERE r.id = recovery_id AND r.closed IS NULL AND r.person_id <> (SELECT person_id FROM clearance_here)
           AND s.holder_id = consultations_recoveryanswer.holder_id AND s.split = consultations_recoveryanswer.split));
CREATE POLICY owner_clears ON consultations_recoveryanswer FOR DELETE TO portal_app
    USING (EXISTS (SELECT FROM consultations_recovery r
                    WHERE r.id = recovery_id AND r.person_id = (SELECT person_id FROM clearance_here)));

-- --- cases and those who come and go ----------------------------------------------------------------------------------

ALTER TABLE consultations_barred ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader_sees ON consultations_barred FOR SELECT TO portal_app USING (case_id IN (SELECT consultations_mine()));
CREATE POLICY reader_bars ON consultations_barred FOR INSERT TO portal_app WITH CHECK (case_id IN (SELECT consultations_mine()));

ALTER TABLE consultations_rekeying ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader_sees ON consultations_rekeying FOR SELECT TO portal_app USING (case_id IN (SELECT consultations_mine()));
CREATE POLICY reader_does ON consultations_rekeying FOR DELETE TO portal_app USING (case_id IN (SELECT consultations_mine()));

-- Nobody is handed a case who is barred from it, or whose key is not in use. Policies cannot say this of another's rows.
CREATE FUNCTION consultations_guard_envelope() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM consultations_officerkey k JOIN intake_reader r ON r.key_id = k.id
                    WHERE k.id = NEW.key_id AND k.retired IS NULL)
       OR EXISTS (SELECT FROM consultations_barred b JOIN consultations_officerkey k ON k.person_id = b.person_id
                   WHERE b.case_id = NEW.case_id AND k.id = NEW.key_id) THEN
        RAISE EXCEPTION 'no reader of this case' USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER guard_reader BEFORE INSERT OR UPDATE OF case_id, key_id ON intake_envelope FOR EACH ROW
    WHEN (current_user = 'portal_app') EXECUTE FUNCTION consultations_guard_envelope();

-- An officer leaves a desk: from this moment nothing more is sealed to them there. With their last desk they lose every case,
-- and the open ones are to have new keys. What nobody else could open stays sealed to them, for the day they come back; they
-- see it no more than anybody (consultations_mine).
CREATE FUNCTION consultations_end_officer(which uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    gone record;
BEGIN
    IF NOT consultations_appoints() THEN
        RETURN false;
    END IF;
    UPDATE consultations_deskofficer SET until = clock_timestamp(), ended_by_id = (SELECT person_id FROM clearance_here)
     WHERE id = which AND until IS NULL RETURNING desk_id, person_id INTO gone;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM intake_reader r USING consultations_officerkey k
     WHERE k.id = r.key_id AND k.person_id = gone.person_id AND r.desk_id = gone.desk_id;
    DELETE FROM consultations_unlocking WHERE person_id = gone.person_id;
    IF NOT EXISTS (SELECT FROM consultations_deskofficer WHERE person_id = gone.person_id AND until IS NULL) THEN
        INSERT INTO consultations_rekeying (case_id, since)
        SELECT DISTINCT e.case_id, clearance_today() FROM intake_envelope e
          JOIN consultations_officerkey k ON k.id = e.key_id LEFT JOIN consultations_casefile f ON f.case_id = e.case_id
         WHERE k.person_id = gone.person_id AND f.closed_on IS NULL
        ON CONFLICT DO NOTHING;
        DELETE FROM intake_envelope e USING consultations_officerkey k
         WHERE k.id = e.key_id AND k.person_id = gone.person_id AND EXISTS (
            SELECT FROM intake_envelope o JOIN consultations_officerkey other ON other.id = o.key_id
              JOIN consultations_deskofficer d ON d.person_id = other.person_id AND d.until IS NULL
             WHERE o.case_id = e.case_id AND other.person_id <> gone.person_id AND other.retired IS NULL);
        DELETE FROM consultations_findingenvelope e USING consultations_officerkey k
         WHERE k.id = e.key_id AND k.person_id = gone.person_id;
    END IF;
    RETURN true;
END $$;

-- A holder leaves: their shares go at once, and the officers divide their keys anew at their next unlocking.
CREATE FUNCTION consultations_end_holder(which uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
BEGIN
    IF NOT consultations_appoints() THEN
        RETURN false;
    END IF;
    UPDATE consultations_escrowholder SET until = clock_timestamp(), ended_by_id = (SELECT person_id FROM clearance_here)
     WHERE id = which AND until IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM consultations_escrowshare WHERE holder_id = which;
    DELETE FROM consultations_recoveryanswer a USING consultations_recovery r
     WHERE r.id = a.recovery_id AND r.closed IS NULL AND a.holder_id = which;
    RETURN true;
END $$;

-- For the manager: how many holders have a share of each officer's key now, by person; and how many cases nobody opens.
CREATE FUNCTION consultations_backed() RETURNS TABLE (person_id uuid, holders bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT k.person_id, count(s.id) FROM consultations_officerkey k
      LEFT JOIN consultations_escrowshare s ON s.key_id = k.id
     WHERE (SELECT consultations_manages()) AND k.retired IS NULL GROUP BY k.person_id
$$;

CREATE FUNCTION consultations_unread() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT count(*) FROM intake_case c
     WHERE (SELECT consultations_manages()) AND NOT EXISTS (
        SELECT FROM intake_envelope e JOIN consultations_officerkey k ON k.id = e.key_id AND k.retired IS NULL
          JOIN consultations_deskofficer d ON d.person_id = k.person_id AND d.until IS NULL
         WHERE e.case_id = c.id)
$$;

-- For the manager's first page: what the clocks of the cases run by that are neither closed nor withdrawn, without their ids and
-- in no order. What the sender said since opens a case again, as on the officers' board (queries/board.py).
CREATE FUNCTION consultations_running() RETURNS TABLE (received_on date, urgent boolean, triaged_on date, answered_on date)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT c.received_on, c.urgent, f.triaged_on,
           (SELECT min(e.day) FROM intake_entry e WHERE e.case_id = c.id AND e.shared AND NOT e.by_sender)
      FROM consultations_casefile f JOIN intake_case c ON c.id = f.case_id
      CROSS JOIN LATERAL (
        SELECT e.place, e.kind FROM intake_entry e WHERE e.case_id = c.id AND e.shared ORDER BY e.place DESC LIMIT 1) last
     WHERE (SELECT consultations_manages()) AND last.kind::text <> 'WITHDRAWAL'
       AND (f.closed_on IS NULL OR last.place > f.closed_place)
$$;

-- For the manager's first page: open desks whose concerns nobody could read, and whether there are such concerns.
CREATE FUNCTION consultations_amiss() RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
    AS $$
    SELECT CASE WHEN consultations_manages() THEN (
        SELECT count(*) FROM intake_desk d WHERE d.active AND NOT EXISTS (
            SELECT FROM intake_reader r JOIN consultations_officerkey k ON k.id = r.key_id AND k.retired IS NULL
              JOIN accounts_person p ON p.id = k.person_id AND p.is_active
             WHERE r.desk_id = d.id)) + (consultations_unread() > 0)::integer ELSE 0 END
$$;
