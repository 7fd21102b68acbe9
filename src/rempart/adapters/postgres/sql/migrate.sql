-- lock --
SELECT pg_advisory_lock(%(name)s)

-- table --
CREATE TABLE IF NOT EXISTS public.rempart_migration (
    name       text        PRIMARY KEY,
    digest     bytea       NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)

-- applied --
SELECT name, digest FROM public.rempart_migration ORDER BY name

-- record --
INSERT INTO public.rempart_migration (name, digest) VALUES (%(name)s, %(digest)s)
