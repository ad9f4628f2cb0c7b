"""The functions of the schema: a queue whose order is decided where each statement sees the newest.

Inside one SQL statement everything sees one snapshot, so it could not wait for another
transaction and then look what that one did. The statements of a PL/pgSQL function each see what is
committed. So whatever changes the order of a subject's tasks meets at an advisory lock of that
subject, and then looks. Claims wait for nobody: they take what is not locked.
"""

from __future__ import annotations

from incidentkit.ports.rows import LAPSES_BEFORE_PARKING
from incidentkit.stores.claiming import PARKED_WHY
from incidentkit.stores.postgres.faults import CHANGED, REFUSED

MIGRATION_LOCK = 6_045_116_100_117_115
"""The advisory lock that migrations take alone, and everything that writes shares."""
_WALKED = 256

NOW = """
CREATE FUNCTION ik_now() RETURNS bigint LANGUAGE sql STABLE AS
$$ SELECT (extract(epoch FROM now()) * 1000000)::bigint $$
"""

REQUIRE = f"""
CREATE FUNCTION ik_require(ok boolean) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF ok IS NOT TRUE THEN
    RAISE EXCEPTION USING ERRCODE = '{REFUSED}', MESSAGE = 'refused';
  END IF;
  RETURN true;
END $$
"""

ENTER = f"""
CREATE FUNCTION ik_enter(p_number bigint, p_epoch bigint, p_now bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE found record;
BEGIN
  PERFORM pg_advisory_xact_lock_shared({MIGRATION_LOCK});
  SELECT s.number, s.epoch INTO found FROM ik_schema AS s;
  IF found.number <> p_number OR found.epoch <> p_epoch THEN
    RAISE EXCEPTION USING ERRCODE = '{CHANGED}', MESSAGE = 'the schema was changed';
  END IF;
  RETURN coalesce(p_now, ik_now());
END $$
"""

SUBJECT = """
CREATE FUNCTION ik_subject(p_subject text) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT hashtext(p_subject) & 1023 $$
"""

LOCK = """
CREATE FUNCTION ik_lock(p_tenant text, p_subjects text[], p_tasks text[]) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext(p_tenant), x.n) FROM (
    SELECT DISTINCT ik_subject(s.subject) AS n FROM (
      SELECT unnest(p_subjects) AS subject UNION
      SELECT t.subject FROM ik_task AS t WHERE t.tenant = p_tenant AND t.id = ANY (p_tasks)
    ) AS s ORDER BY 1
  ) AS x;
  RETURN true;
END $$
"""

PROMOTE = """
CREATE FUNCTION ik_promote(p_tenant text, p_subject text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE head record; waiting record;
BEGIN
  SELECT t.id, t.ord INTO waiting FROM ik_task AS t
    WHERE t.tenant = p_tenant AND t.subject = p_subject AND t.state = 'blocked'
    ORDER BY t.ord, t.id LIMIT 1;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT t.id, t.ord, t.state INTO head FROM ik_task AS t
    WHERE t.tenant = p_tenant AND t.subject = p_subject AND t.state IN ('ready', 'leased')
    FOR UPDATE;
  IF FOUND THEN
    IF head.state = 'leased' OR (head.ord, head.id) < (waiting.ord, waiting.id) THEN
      RETURN;
    END IF;
    UPDATE ik_task SET state = 'blocked' WHERE tenant = p_tenant AND id = head.id;
  END IF;
  UPDATE ik_task SET state = 'ready' WHERE tenant = p_tenant AND id = waiting.id;
END $$
"""

ADD = """
CREATE FUNCTION ik_add(
  p_tenant text, p_id text, p_queue text, p_subject text, p_ord bigint, p_priority bigint,
  p_due bigint, p_channel text, p_body text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE old record; head record; becomes text := 'ready';
BEGIN
  SELECT t.subject, t.ord, t.state INTO old FROM ik_task AS t
    WHERE t.tenant = p_tenant AND t.id = p_id FOR UPDATE;
  IF FOUND THEN
    IF old.subject = p_subject AND old.ord = p_ord AND old.state IN ('ready', 'blocked') THEN
      becomes := old.state;
    ELSE
      becomes := 'blocked';
    END IF;
    UPDATE ik_task SET queue = p_queue, subject = p_subject, ord = p_ord, priority = p_priority,
      due_at = p_due, channel = p_channel, body = p_body, state = becomes, next_at = p_due,
      token = '', tries = 0, lapses = 0, why = ''
      WHERE tenant = p_tenant AND id = p_id;
    IF old.subject <> p_subject OR old.ord <> p_ord OR old.state NOT IN ('ready', 'blocked') THEN
      PERFORM ik_promote(p_tenant, p_subject);
      IF old.subject <> p_subject THEN
        PERFORM ik_promote(p_tenant, old.subject);
      END IF;
    END IF;
    RETURN;
  END IF;
  SELECT t.id, t.ord, t.state INTO head FROM ik_task AS t
    WHERE t.tenant = p_tenant AND t.subject = p_subject AND t.state IN ('ready', 'leased')
    FOR UPDATE;
  IF FOUND THEN
    IF head.state = 'ready' AND (p_ord, p_id) < (head.ord, head.id COLLATE "C") THEN
      UPDATE ik_task SET state = 'blocked' WHERE tenant = p_tenant AND id = head.id;
    ELSE
      becomes := 'blocked';
    END IF;
  END IF;
  INSERT INTO ik_task (tenant, id, queue, subject, ord, priority, due_at, channel, body, state,
    next_at, token, tries, lapses, why)
    VALUES (p_tenant, p_id, p_queue, p_subject, p_ord, p_priority, p_due, p_channel, p_body,
      becomes, p_due, '', 0, 0, '');
END $$
"""

ADD_ALL = """
CREATE FUNCTION ik_add_all(
  p_tenant text, p_ids text[], p_queues text[], p_subjects text[], p_ords bigint[],
  p_priorities bigint[], p_dues bigint[], p_channels text[], p_bodies text[]
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  FOR n IN 1 .. cardinality(p_ids) LOOP
    PERFORM ik_add(p_tenant, p_ids[n], p_queues[n], p_subjects[n], p_ords[n], p_priorities[n],
      p_dues[n], p_channels[n], p_bodies[n]);
  END LOOP;
  RETURN true;
END $$
"""

CANCEL = """
CREATE FUNCTION ik_cancel(p_tenant text, p_ids text[]) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE was record; name text;
BEGIN
  FOREACH name IN ARRAY p_ids LOOP
    DELETE FROM ik_task AS t WHERE t.tenant = p_tenant AND t.id = name
      RETURNING t.state, t.subject INTO was;
    IF FOUND AND was.state IN ('ready', 'leased') THEN
      PERFORM ik_promote(p_tenant, was.subject);
    END IF;
  END LOOP;
  RETURN true;
END $$
"""

MOVE = """
CREATE FUNCTION ik_move(p_tenant text, p_ids text[], p_dues bigint[]) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE was record;
BEGIN
  FOR n IN 1 .. cardinality(p_ids) LOOP
    SELECT t.state, t.subject INTO was FROM ik_task AS t
      WHERE t.tenant = p_tenant AND t.id = p_ids[n] FOR UPDATE;
    CONTINUE WHEN NOT FOUND OR was.state = 'leased';
    UPDATE ik_task AS t SET next_at = p_dues[n], due_at = p_dues[n],
      lapses = CASE was.state WHEN 'parked' THEN 0 ELSE t.lapses END,
      state = CASE was.state WHEN 'parked' THEN 'blocked' ELSE t.state END
      WHERE t.tenant = p_tenant AND t.id = p_ids[n];
    IF was.state = 'parked' THEN
      PERFORM ik_promote(p_tenant, was.subject);
    END IF;
  END LOOP;
  RETURN true;
END $$
"""

SETTLE = """
CREATE FUNCTION ik_settle(
  p_tenant text, p_ids text[], p_tokens text[], p_states text[], p_ats bigint[], p_whys text[]
) RETURNS boolean[] LANGUAGE plpgsql AS $$
DECLARE owner text; answers boolean[] := '{}';
BEGIN
  FOR n IN 1 .. cardinality(p_ids) LOOP
    IF p_states[n] = 'done' THEN
      DELETE FROM ik_task AS t WHERE t.tenant = p_tenant AND t.id = p_ids[n]
        AND t.state = 'leased' AND t.token = p_tokens[n] RETURNING t.subject INTO owner;
    ELSE
      UPDATE ik_task AS t SET state = p_states[n], token = '', why = p_whys[n],
        next_at = coalesce(p_ats[n], t.next_at)
        WHERE t.tenant = p_tenant AND t.id = p_ids[n]
        AND t.state = 'leased' AND t.token = p_tokens[n] RETURNING t.subject INTO owner;
    END IF;
    answers := answers || FOUND;
    IF FOUND THEN
      PERFORM ik_promote(p_tenant, owner);
    END IF;
  END LOOP;
  RETURN answers;
END $$
"""

SOONEST = """
CREATE FUNCTION ik_soonest(p_tenant text, p_state text, p_skip text[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE least_ bigint; here bigint; step bigint;
BEGIN
  IF p_state = 'leased' THEN
    SELECT t.next_at INTO least_ FROM ik_task AS t
      WHERE t.state = 'leased' AND (p_tenant IS NULL OR t.tenant = p_tenant)
      AND t.channel <> ALL (p_skip) ORDER BY t.next_at LIMIT 1;
    RETURN least_;
  END IF;
  IF p_tenant IS NULL THEN
    SELECT t.next_at INTO least_ FROM ik_task AS t
      WHERE t.state = 'ready' AND t.channel <> ALL (p_skip) ORDER BY t.next_at LIMIT 1;
    RETURN least_;
  END IF;
  LOOP
    SELECT t.priority INTO step FROM ik_task AS t WHERE t.state = 'ready'
      AND t.tenant = p_tenant AND (step IS NULL OR t.priority > step)
      ORDER BY t.priority LIMIT 1;
    EXIT WHEN NOT FOUND;
    SELECT t.next_at INTO here FROM ik_task AS t WHERE t.state = 'ready'
      AND t.tenant = p_tenant AND t.priority = step AND t.channel <> ALL (p_skip)
      ORDER BY t.next_at LIMIT 1;
    least_ := least(least_, here);
  END LOOP;
  RETURN least_;
END $$
"""

_ROW = """
  o_at bigint, o_next_at bigint, o_served text, o_rank bigint[], o_tenant text, o_id text,
  o_queue text, o_subject text, o_ord bigint, o_priority bigint, o_due_at bigint,
  o_channel text, o_body text, o_token text, o_tries bigint, o_lapses bigint, o_until bigint
"""

LEASE = f"""
CREATE FUNCTION ik_take(
  p_tenant text, p_now bigint, p_until bigint, p_limit bigint, p_skip text[], p_round bigint,
  p_turn bigint
) RETURNS TABLE ({_ROW}) LANGUAGE plpgsql AS $$
DECLARE step bigint; got ik_task%ROWTYPE; taken bigint := 0;
BEGIN
  LOOP
    SELECT t.priority INTO step FROM ik_task AS t WHERE t.state = 'ready'
      AND t.tenant = p_tenant AND (step IS NULL OR t.priority > step)
      ORDER BY t.priority LIMIT 1;
    EXIT WHEN NOT FOUND;
    FOR got IN
      SELECT t.* FROM ik_task AS t WHERE t.state = 'ready' AND t.tenant = p_tenant
      AND t.priority = step AND t.next_at <= p_now AND t.channel <> ALL (p_skip)
      ORDER BY t.next_at, t.id LIMIT p_limit - taken FOR UPDATE SKIP LOCKED
    LOOP
      o_token := replace(gen_random_uuid()::text, '-', '');
      UPDATE ik_task AS t SET state = 'leased', token = o_token, tries = t.tries + 1,
        next_at = p_until WHERE t.tenant = got.tenant AND t.id = got.id;
      o_rank := ARRAY[p_round, taken, p_turn];
      taken := taken + 1;
      o_tenant := got.tenant; o_id := got.id; o_queue := got.queue; o_subject := got.subject;
      o_ord := got.ord; o_priority := got.priority; o_due_at := got.due_at;
      o_channel := got.channel; o_body := got.body; o_tries := got.tries + 1;
      o_lapses := got.lapses; o_until := p_until;
      RETURN NEXT;
    END LOOP;
    EXIT WHEN taken >= p_limit;
  END LOOP;
END $$
"""

LAPSED = f"""
CREATE FUNCTION ik_lapsed(p_now bigint, p_until bigint, p_tenant text, p_skip text[])
RETURNS TABLE ({_ROW}) LANGUAGE plpgsql AS $$
DECLARE got ik_task%ROWTYPE;
BEGIN
  LOOP
    SELECT t.* INTO got FROM ik_task AS t WHERE t.state = 'leased' AND t.next_at <= p_now
      AND (p_tenant IS NULL OR t.tenant = p_tenant) AND t.channel <> ALL (p_skip)
      ORDER BY t.next_at, t.tenant, t.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    EXIT WHEN NOT FOUND;
    IF got.lapses + 1 < {LAPSES_BEFORE_PARKING} THEN
      o_token := replace(gen_random_uuid()::text, '-', '');
      UPDATE ik_task AS t SET token = o_token, tries = t.tries + 1, lapses = t.lapses + 1,
        next_at = p_until WHERE t.tenant = got.tenant AND t.id = got.id;
      o_rank := ARRAY[0, 0, 0];
      o_tenant := got.tenant; o_id := got.id; o_queue := got.queue; o_subject := got.subject;
      o_ord := got.ord; o_priority := got.priority; o_due_at := got.due_at;
      o_channel := got.channel; o_body := got.body; o_tries := got.tries + 1;
      o_lapses := got.lapses + 1; o_until := p_until;
      RETURN NEXT;
      EXIT;
    END IF;
    -- Whoever holds the subject may wait for this very row, so nobody is waited for here.
    EXIT WHEN NOT pg_try_advisory_xact_lock(hashtext(got.tenant), ik_subject(got.subject));
    UPDATE ik_task AS t SET state = 'parked', token = '', lapses = t.lapses + 1,
      why = '{PARKED_WHY}' WHERE t.tenant = got.tenant AND t.id = got.id;
    PERFORM ik_promote(got.tenant, got.subject);
  END LOOP;
END $$
"""

CLAIM = f"""
CREATE FUNCTION ik_claim(
  p_number bigint, p_now bigint, p_lease bigint, p_limit bigint, p_tenant text, p_skip text[],
  p_served text
) RETURNS TABLE ({_ROW}) LANGUAGE plpgsql AS $$
DECLARE
  moment bigint := ik_enter(p_number, NULL, p_now);
  until bigint := moment + p_lease;
  leased bigint; ready bigint; names text[]; going text[]; again text[]; name text;
  page bigint := 4 * least(p_limit, 1000) + 64;
  due bigint; share bigint; before bigint; taken bigint := 0; round_ bigint := 0; turn bigint;
  served text := p_served; walking boolean := false;
BEGIN
  RETURN QUERY SELECT * FROM ik_lapsed(moment, until, p_tenant, p_skip);
  IF FOUND THEN
    o_next_at := least(
      ik_soonest(p_tenant, 'ready', p_skip), ik_soonest(p_tenant, 'leased', p_skip));
    o_at := moment; o_served := served; o_id := NULL;
    RETURN NEXT;
    RETURN;
  END IF;
  leased := ik_soonest(p_tenant, 'leased', p_skip);
  ready := ik_soonest(p_tenant, 'ready', p_skip);
  IF ready <= moment THEN
    IF p_tenant IS NOT NULL THEN
      names := ARRAY[p_tenant];
    ELSE
      SELECT array_agg(DISTINCT x.tenant), count(*) INTO names, due FROM (
        SELECT t.tenant FROM ik_task AS t WHERE t.state = 'ready' AND t.next_at <= moment
        AND t.channel <> ALL (p_skip) ORDER BY t.next_at LIMIT page
      ) AS x;
      IF due >= page THEN
        -- Too many to read them all: tenant by tenant, behind the one that was served last.
        walking := true;
        going := ARRAY(
          WITH RECURSIVE w(tenant) AS (
            (SELECT t.tenant FROM ik_task AS t WHERE t.state = 'ready' AND t.tenant > p_served
             ORDER BY t.tenant LIMIT 1)
            UNION ALL
            SELECT (SELECT t.tenant FROM ik_task AS t WHERE t.state = 'ready'
              AND t.tenant > w.tenant ORDER BY t.tenant LIMIT 1) FROM w WHERE w.tenant IS NOT NULL
          ) SELECT w.tenant FROM w WHERE w.tenant IS NOT NULL LIMIT {_WALKED});
        going := going || ARRAY(
          WITH RECURSIVE w(tenant) AS (
            (SELECT t.tenant FROM ik_task AS t WHERE t.state = 'ready' AND t.tenant <= p_served
             ORDER BY t.tenant LIMIT 1)
            UNION ALL
            SELECT (SELECT t.tenant FROM ik_task AS t WHERE t.state = 'ready'
              AND t.tenant > w.tenant AND t.tenant <= p_served ORDER BY t.tenant LIMIT 1)
              FROM w WHERE w.tenant IS NOT NULL
          ) SELECT w.tenant FROM w WHERE w.tenant IS NOT NULL
          LIMIT {_WALKED} - cardinality(going));
      END IF;
      names := ARRAY(SELECT x FROM unnest(names) AS x
        ORDER BY x COLLATE "C" <= p_served, x COLLATE "C");
    END IF;
    IF NOT walking THEN going := names; END IF;
    LOOP
      again := '{{}}'; turn := 0; before := taken;
      share := CASE round_ WHEN 0 THEN 1
        ELSE ceil((p_limit - taken)::numeric / cardinality(going)) END;
      FOREACH name IN ARRAY going LOOP
        EXIT WHEN taken >= p_limit;
        RETURN QUERY SELECT * FROM ik_take(
          name, moment, until, least(share, p_limit - taken), p_skip, round_, turn);
        GET DIAGNOSTICS due = ROW_COUNT;
        taken := taken + due; turn := turn + 1;
        IF due > 0 THEN served := name; END IF;
        IF due = share THEN again := again || name; END IF;
      END LOOP;
      IF taken = 0 AND walking THEN
        -- Nothing is due for those; the next claim looks further on.
        walking := false; served := going[cardinality(going)]; going := names;
        CONTINUE;
      END IF;
      EXIT WHEN taken >= p_limit OR cardinality(again) = 0 OR taken = before;
      going := again; round_ := round_ + 1;
    END LOOP;
    ready := ik_soonest(p_tenant, 'ready', p_skip);
  END IF;
  o_at := moment; o_served := served; o_id := NULL;
  o_next_at := least(ready, leased, CASE WHEN taken > 0 THEN until END);
  RETURN NEXT;
END $$
"""

TURN = f"""
CREATE FUNCTION ik_turn(
  p_tenants text[], p_ids text[], p_tokens text[], p_states text[], p_ats bigint[], p_whys text[],
  p_number bigint, p_now bigint, p_lease bigint, p_limit bigint, p_tenant text, p_skip text[],
  p_served text
) RETURNS TABLE (o_settled boolean[], {_ROW}) LANGUAGE plpgsql AS $$
DECLARE done boolean[] := '{{}}'; one text;
BEGIN
  PERFORM ik_enter(p_number, NULL, NULL);
  FOR one IN SELECT DISTINCT x FROM unnest(p_tenants) AS x ORDER BY x LOOP
    PERFORM ik_lock(one, '{{}}', ARRAY(
      SELECT p_ids[n] FROM generate_subscripts(p_ids, 1) AS n WHERE p_tenants[n] = one));
  END LOOP;
  FOR n IN 1 .. cardinality(p_ids) LOOP
    done := done || ik_settle(p_tenants[n], p_ids[n:n], p_tokens[n:n], p_states[n:n],
      p_ats[n:n], p_whys[n:n]);
  END LOOP;
  RETURN QUERY SELECT done, c.* FROM ik_claim(
    p_number, p_now, p_lease, p_limit, p_tenant, p_skip, p_served) AS c;
END $$
"""

ALL = (
    NOW, REQUIRE, ENTER, SUBJECT, LOCK, PROMOTE, ADD, ADD_ALL, CANCEL, MOVE, SETTLE, SOONEST,
    LEASE, LAPSED, CLAIM, TURN,
)  # fmt: skip
"""In the order in which they are made."""
