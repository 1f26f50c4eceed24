using System.Text.RegularExpressions;
using Sessions.Columns.Asking;
using Sessions.Columns.UserSql;
using Sessions.Database.Properties;

namespace Sessions.Tests.Columns;

/// <summary>People's SQL that reads properties is answered from their columns, and the answer stays the same.</summary>
public sealed class PropertyRewriteTests(PropertyFile file) : IClassFixture<PropertyFile>
{
    // SQL with it is run as it was written.
    private static readonly string AsWritten = $"/*{PropertyReads.Hidden}*/\n";

    [Fact]
    public void The_file_has_columns_for_some_of_the_properties()
    {
        Assert.Empty(((string[])["clean", "fraction", "text", "odd", "list", "it's", "a.b", "$lib", "1", "é ü", "x[0]", "a/b", "Clean", "*"]).Except(file.Properties));
        Assert.Empty(file.Properties.Intersect(["unique", "rare"]));
    }

    [Theory]
    // In all places of a query.
    [InlineData("select properties ->> 'clean', count(*) from events group by 1")]
    [InlineData("select properties ->> 'clean' as plan, count(*) from events group by plan order by 2 desc, plan")]
    [InlineData("select properties ->> 'clean', count(*) from events group by all having count(*) > 1 order by properties ->> 'clean'")]
    [InlineData("select count(*) from events where (properties ->> 'clean') = 'pro' or (properties ->> 'text') is null")]
    [InlineData("select distinct properties ->> 'text' from events")]
    [InlineData("select distinct on (properties ->> 'clean') event from events order by properties ->> 'clean', event")]
    [InlineData("select count(distinct properties ->> 'text'), count(*) filter (where (properties ->> 'clean') = 'pro') from events")]
    [InlineData("select sum(try_cast(properties ->> 'fraction' as double)), max(properties ->> 'fraction') from events")]
    [InlineData("select event, max(properties ->> 'clean') from events group by event having max(properties ->> 'text') > 'a' order by 1")]
    [InlineData("select event, row_number() over (partition by properties ->> 'clean' order by event_id) from events qualify row_number() over (partition by properties ->> 'clean' order by event_id) = 1")]
    [InlineData("select case when (properties ->> 'clean') in ('pro', 'free') then upper(properties ->> 'clean') else 'other' end, count(*) from events group by 1")]
    [InlineData("select coalesce(properties ->> 'clean', '-') || '/' || coalesce(properties ->> 'unique', '-') as made from events order by made")]
    [InlineData("select {'a': properties ->> 'clean', 'b': [properties ->> 'text']} as made from events")]
    [InlineData("select list(properties ->> 'clean' order by event_id) from events")]
    [InlineData("select properties, properties ->> 'clean' from events")]
    [InlineData("select grouping(properties ->> 'clean'), properties ->> 'clean', event, count(*) from events group by grouping sets ((properties ->> 'clean'), (event), ()) ")]
    [InlineData("from events select properties ->> 'clean' limit 5")]
    [InlineData("select properties ->> 'clean' from events order by event_id limit 7 offset 3 -- done")]
    // All kinds of values, with and without a column.
    [InlineData("select event_id, properties ->> 'text', properties ->> 'fraction', properties ->> 'unique', properties ->> 'rare' from events order by event_id")]
    [InlineData("select properties ->> 'unique', properties ->> 'seldom', properties ->> 'nothing' from events")]
    [InlineData("select properties ->> 'clean' is null, properties ->> 'unique' from events where (properties ->> 'rare') is null")]
    // The forms of names.
    [InlineData("select properties ->> '/clean', properties ->> '$.clean', properties ->> '$.\"clean\"', json_extract_string(properties, 'clean') from events")]
    [InlineData("select json_extract_string(properties, '/$lib'), properties ->> '$.\"$lib\"', json_extract_path_text(properties, '$.unique') from events")]
    [InlineData("select properties ->> 'it''s', properties ->> '/it''s', properties ->> '$.\"it''s\"' from events")]
    [InlineData("select properties ->> 'a.b', properties ->> '/a.b', properties ->> '1', properties ->> '$.\"1\"', properties ->> 'é ü', properties ->> 'x[0]' from events")]
    [InlineData("select properties ->> 'a/b', properties ->> '$.\"a/b\"', properties ->> 'Clean', PROPERTIES ->> 'clean', Json_Extract_String(Properties, 'clean') from Events")]
    [InlineData("select properties ->> 'x\"y', properties ->> '/rare', properties ->> '$.rare', properties ->> '#1', properties ->> '-1', properties ->> 'rare' from events")]
    // Names of tables, joins, and other queries.
    [InlineData("select e.properties ->> 'clean', events.event from events e, events where e.event_id = events.event_id")]
    [InlineData("select \"E\".properties ->> 'clean' from events as e")]
    [InlineData("select a.properties ->> 'clean', b.properties ->> 'clean', b.properties ->> 'text' from events a join events b on a.event_id = b.event_id and (a.properties ->> 'text') = (b.properties ->> 'text')")]
    [InlineData("select s.start_timestamp, properties ->> 'clean' from sessions s left join events e using (session_id)")]
    [InlineData("select count(*), s.browser, e.properties ->> 'clean' from events e left join sessions s on s.session_id = e.session_id group by all")]
    [InlineData("select x.properties ->> 'clean', y from events x cross join (select 1 as y) v")]
    [InlineData("with c as (select event, properties ->> 'clean' as plan from events) select plan, count(*) from c group by plan")]
    [InlineData("with c as materialized (select event, properties ->> 'clean' from events) select * from c")]
    [InlineData("select * from (select properties ->> 'clean', upper(properties ->> 'unique') from events) x")]
    [InlineData("select to_json(x) from (select properties ->> 'clean', count(properties ->> 'text') from events group by all) x")]
    [InlineData("select \"(properties ->> 'clean')\" from (select properties ->> 'clean' from events)")]
    [InlineData("select (select max(properties ->> 'clean') from events), (select count(*) from events where (properties ->> 'text') = ' x ')")]
    [InlineData("select count(*) from events where (properties ->> 'clean') in (select properties ->> 'clean' from events where event = 'e1')")]
    [InlineData("select event, (select max(i.properties ->> 'text') from events i where i.event = o.event and (o.properties ->> 'clean') is not null) from events o where (o.properties ->> 'clean') > '1'")]
    [InlineData("select properties ->> 'clean' as x from events union all select properties ->> 'text' from events")]
    [InlineData("select properties ->> 'clean' from events union by name select 1 as x from events")]
    [InlineData("select properties ->> 'clean' from events except select properties ->> 'unique' from events")]
    [InlineData("with recursive t(x, i) as (select properties ->> 'clean', 1 from events union select x, i + 1 from t where i < 3) select * from t")]
    [InlineData("select v.x from events e, lateral (select e.properties ->> 'clean' as x) v where (e.properties ->> 'text') is not null")]
    [InlineData("select list_transform([1, 2], lambda x: x + 1), properties ->> 'clean' from events")]
    // What people write beside.
    [InlineData("select date_trunc('day', timestamp)::date as day, count(*) from events where (properties ->> 'clean') = 'pro' and timestamp >= now() - interval '30 days' group by day order by day")]
    [InlineData("select (timestamp at time zone 'Europe/Berlin')::date, count(*) from events where timestamp between '2020-01-01' and current_date + 1 and (properties ->> 'clean') like 'p%' group by 1")]
    [InlineData("select count(*) from events where (properties ->> 'clean') in ('pro', 'free') and event not in ('e1') and (properties ->> 'text') ilike '%a%' and not starts_with(event, 'x')")]
    [InlineData("select count(*) from events where (properties ->> 'clean') is not null and (properties ->> 'text') is distinct from 'x' and (properties ->> 'clean') similar to 'p.*'")]
    [InlineData("select event, quantile_cont((properties ->> 'fraction')::double, 0.9), percentile_cont(0.5) within group (order by (properties ->> 'fraction')::double) from events group by event")]
    [InlineData("select sum((properties ->> 'fraction')::decimal(18, 6)), avg((properties ->> '/fraction')::numeric), sum((properties ->> 'fraction')::float8)::text from events")]
    [InlineData("select distinct_id, lag(properties ->> 'clean') over (partition by distinct_id order by timestamp, event_id rows between 3 preceding and current row) from events")]
    [InlineData("select count(*) over w, properties ->> 'clean' from events window w as (partition by event)")]
    [InlineData("select regexp_extract(properties ->> 'text', '([a-z]+)', 1) as word, count(*) from events where regexp_matches(event, '^e[0-9]$') group by word order by count(*) desc nulls last, word collate nocase")]
    [InlineData("select e.event, e.properties ->> 'clean' from events e where exists (select 1 from sessions s where s.session_id = e.session_id and s.event_count > 0)")]
    [InlineData("select event, properties ->> 'clean' from events where event = any (['e1', 'e2']) and distinct_id <> all (select 'x1') limit 10 offset 1")]
    [InlineData("select nullif(properties ->> 'clean', ''), try_cast(properties ->> 'clean' as int), (properties ->> 'text')[1:2], extract(hour from timestamp), if(event = 'a', 1, 2) from events")]
    [InlineData("select array_agg(distinct properties ->> 'clean' order by properties ->> 'clean'), string_agg(properties ->> 'it''s', ', ' order by event_id), any_value(event) from events")]
    [InlineData("select event, count(*) from events where try_cast(properties ->> 'clean' as boolean) is not true group by rollup (event)")]
    [InlineData("with a as (select distinct_id, min(timestamp) as t from events where (properties ->> 'clean') = 'pro' group by 1), b as not materialized (select * from a) select count(*), min(a.t) from a join b using (distinct_id) where a.t <= b.t")]
    [InlineData("select 1.5, -1, 1e20, 'ä''\"' as \"a \"\"b\", interval 1 day, date '2026-01-02', [1, 2], {'k': 1}, true, null, 12345678901234567890123, properties ->> 'clean' from events")]
    public void The_answer_is_the_same(string sql)
    {
        string? rewritten = file.Rewritten(sql);
        Assert.NotNull(rewritten);
        // It does not fail.
        file.Run(rewritten);

        AssertSame(file.Answer(AsWritten + sql), file.Answer(sql), isOrdered: sql.Contains("from events order by event_id", StringComparison.Ordinal));
    }

    [Theory]
    // Where Postgres' text is not that of DuckDB.
    [InlineData("select properties ->> 'odd' from events")]
    [InlineData("select properties ->> 'list', count(*) from events group by 1")]
    [InlineData("select event_id, properties ->> 'odd', properties ->> 'clean' from events order by event_id")]
    // Where columns of an outer query are meant, or the columns of a table in FROM are not known by their names.
    [InlineData("select properties ->> 'clean' from events order by 1 limit (select count(*) // 2 from events)")]
    [InlineData("select properties ->> 'clean' from events union select 'x' order by properties ->> 'clean'")]
    [InlineData("select u.x, e.properties ->> 'clean' from events e, unnest([e.properties ->> 'text']) u (x)")]
    public void The_answer_is_the_same_where_the_columns_may_not_be_enough(string sql) => AssertSame(file.Answer(AsWritten + sql), file.Answer(sql), isOrdered: false);

    [Theory]
    // All columns are seen.
    [InlineData("select * from events where (properties ->> 'clean') = 'pro'")]
    [InlineData("select e.*, properties ->> 'clean' from events e")]
    [InlineData("select * exclude (event), properties ->> 'clean' from events")]
    [InlineData("select columns('e.*'), properties ->> 'clean' from events")]
    [InlineData("from events where (properties ->> 'clean') = 'pro'")]
    [InlineData("select e, properties ->> 'clean' from events e")]
    [InlineData("select to_json(events) from events where (properties ->> 'clean') = 'pro'")]
    [InlineData("select (select to_json(e)), properties ->> 'clean' from events e")]
    [InlineData("select (select count(*) from (select e.*) x), properties ->> 'clean' from events e")]
    [InlineData("select count(distinct e) from events e group by properties ->> 'clean'")]
    [InlineData("select #1, properties ->> 'clean' from events")]
    [InlineData("select alias(properties ->> 'clean') from events")]
    [InlineData("select properties ->> 'clean' from events a natural join events b")]
    [InlineData("select count(*) from (select 1 as i) x positional join events where (properties ->> 'clean') = 'pro'")]
    // It is not sure what is meant.
    [InlineData("select event as properties, properties ->> 'clean' from events")]
    [InlineData("select properties ->> 'clean' from events a join events b using (properties)")]
    [InlineData("select properties ->> 'clean' from sessions semi join events using (session_id)")]
    [InlineData("select properties ->> 'clean' from events e (properties, event_id)")]
    [InlineData("with events as (select '{\"clean\": 1}'::json as properties) select properties ->> 'clean' from events")]
    [InlineData("select (with events as (select 1) select 2), properties ->> 'clean' from events")]
    [InlineData("select properties ->> 'clean' from (select properties from events) x")]
    [InlineData("select properties ->> 'clean' from events tablesample 100%")]
    [InlineData("select properties ->> 'clean' from events using sample 100%")]
    [InlineData("select (select properties ->> 'clean') from events")]
    [InlineData("select list_transform([properties], lambda properties: properties ->> 'clean') from events")]
    [InlineData("select * from (select event, properties from events) pivot (count(properties ->> 'clean') for event in ('a', 'b'))")]
    // DuckDB's text of the tree has another tree.
    [InlineData("select x.properties ->> 'clean', y from events x cross join (values (1), (2)) v (y)")]
    // Other values.
    [InlineData("select properties -> 'clean' from events")]
    [InlineData("select properties ->> event from events")]
    [InlineData("select properties ->> 1 from events")]
    [InlineData("select properties ->> ['clean'] from events")]
    [InlineData("select properties ->> '' from events")]
    [InlineData("select properties ->> '*' from events")]
    [InlineData("select properties ->> '$.*' from events")]
    [InlineData("select properties ->> '$' from events")]
    [InlineData("select properties ->> '$.a.b' from events")]
    [InlineData("select properties ->> '/a/b' from events")]
    [InlineData("select properties ->> '/a~1b' from events")]
    [InlineData("select properties ->> '/1' from events")]
    [InlineData("select properties ->> '$.x[0]' from events")]
    [InlineData("select properties ->> 'x\\y' from events")]
    [InlineData("select properties::text::json ->> 'clean' from events")]
    [InlineData("select '{}'::json ->> 'clean' from events")]
    [InlineData("select count(*) from events")]
    [InlineData("select 1")]
    public void What_is_not_sure_stays_as_it_is(string sql) => Assert.Null(file.Rewritten(sql));

    [Fact]
    public void What_is_nested_deeply_stays_as_it_is()
    {
        string deep = string.Concat(Enumerable.Repeat("abs(", 400)), close = new(')', 400);

        Assert.Null(file.Rewritten($"select properties ->> 'clean', {deep}1{close} from events"));
    }

    [Theory]
    [InlineData("select properties ->> 'clean', count(*) from events group by 1", "clean")]
    [InlineData("select count(*) from events e where (e.properties ->> '/it''s') = 'a'", "it's")]
    [InlineData("with c as (select properties ->> '$.text' as t from events) select t, count(*) from c group by t", "text")]
    public void A_column_is_read_in_place_of_the_JSON(string sql, string property)
    {
        string plan = file.Run("EXPLAIN " + file.Rewritten(sql));
        // The name of the file is that of the project, which may look like a column.
        string scan = Regex.Replace(plan[plan.IndexOf("SEQ_SCAN", StringComparison.Ordinal)..], @"\w+\.main\.", "");

        string column = PropertyColumns.Names[file.Properties.ToList().IndexOf(property)];
        Assert.Equal([column], PropertyColumns.Names.Append("properties").Where(name => Regex.IsMatch(scan, $@"\b{name}\b")));
    }

    [Theory]
    [InlineData("select (properties ->> 'text')::int from events", "Could not convert")]
    [InlineData("select 'ä',\n  (properties ->> 'text')::date as day from events", "invalid date field format")]
    [InlineData("select properties ->> 'clean', nothing from events", "nothing")]
    [InlineData("select properties ->> 'clean', count(*) from events", "GROUP BY")]
    [InlineData("select x.properties ->> 'clean' from events", "Referenced table \"x\" not found")]
    [InlineData("select error('mine'), properties ->> 'odd' from events", "mine")]
    public void Mistakes_have_the_message_and_the_place_of_what_was_written(string sql, string message)
    {
        ColumnsRefusedException expected = Assert.Throws<ColumnsRefusedException>(() => file.Answer(AsWritten + sql));
        ColumnsRefusedException actual = Assert.Throws<ColumnsRefusedException>(() => file.Answer(sql));

        Assert.Contains(message, actual.Message, StringComparison.Ordinal);
        Assert.Equal((expected.Message, Math.Max(0, expected.Position - AsWritten.Length)), (actual.Message, actual.Position));
    }

    private static void AssertSame(ColumnsAnswer expected, ColumnsAnswer actual, bool isOrdered)
    {
        Assert.Equal(expected.Columns, actual.Columns);
        Assert.Equal(Texts(expected, isOrdered), Texts(actual, isOrdered));
    }

    private static List<string> Texts(ColumnsAnswer answer, bool isOrdered)
    {
        List<string> rows = [.. answer.Rows.Select(row => string.Join(" | ", row.Select(value => value ?? "null")))];
        if (!isOrdered)
        {
            rows.Sort(StringComparer.Ordinal);
        }

        return rows;
    }
}
