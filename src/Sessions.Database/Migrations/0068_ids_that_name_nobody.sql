-- Ids that name nobody, such as "null" and "[object Object]". The program has the same rules: PersonIds. A test compares
-- them.

-- What nobody sees at the ends of an id: white space, control characters and characters without width.
create function tracking.invisible_characters() returns text
language sql immutable parallel safe as $$
    select E'\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000A\u000B\u000C\u000D\u000E\u000F\u0010\u0011\u0012'
        || E'\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001A\u001B\u001C\u001D\u001E\u001F\u0020\u007F\u0080\u0081\u0082'
        || E'\u0083\u0084\u0085\u0086\u0087\u0088\u0089\u008A\u008B\u008C\u008D\u008E\u008F\u0090\u0091\u0092\u0093\u0094'
        || E'\u0095\u0096\u0097\u0098\u0099\u009A\u009B\u009C\u009D\u009E\u009F\u00A0\u1680\u180E\u2000\u2001\u2002\u2003'
        || E'\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u200B\u200C\u200D\u200E\u200F\u2028\u2029\u202F\u205F\u2060\u3000'
        || E'\uFEFF'
$$;

-- An id without what is invisible at its ends. The program has the same rule: IdText.
create function tracking.trimmed_id(id text) returns text
language sql immutable parallel safe as $$
    select btrim(id, tracking.invisible_characters())
$$;

-- Whether an id is blank or a word that stands for nobody, in any case, also in quotes. In collation C only letters of
-- ASCII have cases.
create function tracking.names_nobody(id text) returns boolean
language sql immutable parallel safe as $$
    select lower(btrim(id, tracking.invisible_characters() || E'"\'`\\\u2018\u2019\u201C\u201D') collate "C")
           = any (array[
               '', 'anonymous', 'guest', 'distinctid', 'distinct_id', 'id', 'not_authenticated', 'email', 'undefined', 'true',
               'false', '[object object]', 'nan', 'none', 'null', 'nil', '0', 'unknown', '(null)', '<null>', '<nil>', '{}', '[]',
               '00000000-0000-0000-0000-000000000000', '$posthog_cookieless'])
$$;
