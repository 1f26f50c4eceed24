-- Ids that name nobody, such as "null" and "[object Object]". The program has the same rules: PersonIds. A test compares
-- them.

-- An id without the blanks around it.
create function tracking.trimmed_id(id text) returns text
language sql immutable parallel safe as $$
    select btrim(id, E'\t\n\u000B\f\r \u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u200B\u200C\u200D\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF')
$$;

-- Whether an id is blank or a word that stands for nobody, in any case, also in quotes. In collation C only letters of
-- ASCII have cases.
create function tracking.names_nobody(id text) returns boolean
language sql immutable parallel safe as $$
    select lower(btrim(id, E'\t\n\u000B\f\r \u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u200B\u200C\u200D\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF"''`\\\u2018\u2019\u201C\u201D') collate "C")
           = any (array[
               '', 'anonymous', 'guest', 'distinctid', 'distinct_id', 'id', 'not_authenticated', 'email', 'undefined', 'true',
               'false', '[object object]', 'nan', 'none', 'null', 'nil', '0', 'unknown', '(null)', '<null>', '<nil>', '{}', '[]',
               '00000000-0000-0000-0000-000000000000', '$posthog_cookieless'])
$$;
