-- Codes, the markings made of them, and the key of each marking: read by everybody, and nothing in them but what the portal
-- itself would write, whatever SQL the web role runs.

ALTER TABLE clearance_compartment ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_see ON clearance_compartment FOR SELECT TO portal_app, portal_worker USING (true);
CREATE POLICY officer_enters ON clearance_compartment FOR INSERT TO portal_app
    WITH CHECK ((SELECT officer FROM clearance_here));

ALTER TABLE clearance_releasegroup ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_see ON clearance_releasegroup FOR SELECT TO portal_app, portal_worker USING (true);
CREATE POLICY officer_enters ON clearance_releasegroup FOR INSERT TO portal_app
    WITH CHECK ((SELECT officer FROM clearance_here));

-- What a marking's columns say must be what its text says, the text the one way to say it, and its id that of the text
-- (clearance.markings.key_of): a row laid in wait for a marking nobody has used yet would otherwise decide who reads what is
-- written under it, or stand in the way of the right one.
CREATE FUNCTION clearance_hold_marking() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp
    AS $$
DECLARE
    pieces text[] := string_to_array(NEW.text, '//');
    codes text[] := '{}';
    groups text[] := '{}';
    far text := '';
    piece text;
    comp bigint;
    rel bigint;
    canonical text;
    digest bytea := substr(sha256(convert_to(NEW.text, 'UTF8')), 1, 16);
BEGIN
    IF current_user <> 'portal_app' THEN
        RETURN NEW;
    END IF;
    FOREACH piece IN ARRAY pieces[2:] LOOP
        IF piece LIKE 'REL:%' THEN
            groups := groups || string_to_array(substr(piece, 5), ',');
        ELSIF piece LIKE 'TLP:%' THEN
            far := substr(piece, 5);
        ELSE
            codes := codes || string_to_array(piece, ',');
        END IF;
    END LOOP;
    SELECT coalesce(bit_or(1::bigint << bit), 0) | 4611686018427387904, coalesce('//' || string_agg(code, ',' ORDER BY code COLLATE "C"), '')
      INTO comp, canonical FROM clearance_compartment WHERE code = ANY(codes);
    SELECT coalesce(bit_or(1::bigint << bit), -1), canonical || coalesce('//REL:' || string_agg(code, ',' ORDER BY code COLLATE "C"), '')
      INTO rel, canonical FROM clearance_releasegroup WHERE code = ANY(groups);
    canonical := pieces[1] || canonical || CASE WHEN far = '' THEN '' ELSE '//TLP:' || far END;
    digest := set_byte(digest, 6, (get_byte(digest, 6) & 15) | 128);
    digest := set_byte(digest, 8, (get_byte(digest, 8) & 63) | 128);
    IF NEW.level IS DISTINCT FROM array_position('{PUBLIC,SENSITIVE,HI,CESI,SDS}'::text[], pieces[1]) - 1
       OR NEW.comp_mask <> comp OR NEW.release_mask <> rel OR NEW.tlp <> far OR NEW.text <> canonical
       OR NOT far = ANY('{"",CLEAR,GREEN,AMBER,AMBER+STRICT,RED}') OR NEW.id <> encode(digest, 'hex')::uuid THEN
        RAISE EXCEPTION 'the marking is not what its text says' USING ERRCODE = '23514', CONSTRAINT = 'marking_text';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_marking BEFORE INSERT ON clearance_marking FOR EACH ROW EXECUTE FUNCTION clearance_hold_marking();

-- The key of a marking is made by whoever first uses it: so only for a marking there is, by somebody who may read what is so
-- marked, and once; a further one only when all before it are retired. Two who come at the same moment both pass, and the
-- table's unique index lets one of them in.
ALTER TABLE vault_markingkey ENABLE ROW LEVEL SECURITY;
CREATE POLICY all_see ON vault_markingkey FOR SELECT TO portal_app, portal_worker USING (true);
CREATE POLICY first_use ON vault_markingkey FOR INSERT TO portal_app, portal_worker WITH CHECK (
        retired IS NULL AND destroyed IS NULL AND octet_length(wrapped) BETWEEN 32 AND 4096
    AND EXISTS (SELECT 1 FROM clearance_marking m WHERE m.text = marking
                   AND m.comp_mask & ((SELECT inverse FROM clearance_here))[m.level + 1] <= 0
                   AND m.release_mask & (SELECT release FROM clearance_here) <> 0)
    AND version <= 1 + (SELECT coalesce(max(k.version), 0) FROM vault_markingkey k WHERE k.marking = vault_markingkey.marking)
    AND NOT EXISTS (SELECT 1 FROM vault_markingkey k WHERE k.marking = vault_markingkey.marking
                       AND k.version < vault_markingkey.version AND k.retired IS NULL));
