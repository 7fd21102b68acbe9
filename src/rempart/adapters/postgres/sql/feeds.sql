-- last_feed --
SELECT sequence, state = 'imported', coalesce((
    SELECT (extract(epoch FROM max(changed_at)) * 1000000)::bigint FROM sealed.feed
    WHERE amc = %(amc)s AND state = 'imported'), 0)
FROM sealed.feed WHERE amc = %(amc)s ORDER BY sequence DESC LIMIT 1
