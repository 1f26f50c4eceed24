using System.Text.Json;
using System.Text.RegularExpressions;
using DuckDB.NET.Data;
using Sessions.Columns.Serving;
using Sessions.Database.Properties;

namespace Sessions.Tests.Columns;

/// <summary>The most used properties of events have columns of their own.</summary>
public sealed class PropertyColumnTests(TestPostgres postgres)
{
    private const string Plan = $"{PropertyColumns.Value}('plan', ";

    [Fact]
    public async Task Frequent_properties_get_columns_and_those_that_are_rare_long_or_unique_do_not()
    {
        await using TestColumns columns = await Filled(2000);
        await columns.AssertEqualsPostgres();

        Assert.Equal(["plan", "price"], await Properties(columns));
        Assert.Equal(
            await Count(columns, "properties ->> '$.plan' = 'pro'"), await Count(columns, $"{Plan}{PropertyColumns.Arguments}) = 'pro'"));
        // Postgres' text of a number, which DuckDB's JSON does not give.
        Assert.Equal(2000L, await Count(columns, $"{PropertyColumns.Value}('price', {PropertyColumns.Arguments}) = '1.50'"));
        Assert.Equal(2000L, await Count(columns, $"{PropertyColumns.IsNumber}('price', e.{PropertyColumns.Numbers})"));
        Assert.Equal(0L, await Count(columns, $"{PropertyColumns.IsNumber}('plan', e.{PropertyColumns.Numbers})"));
    }

    [Fact]
    public async Task Ids_that_come_again_within_one_session_only_get_no_column()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await columns.Do(
            """
            insert into tracking.journal (project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id, properties)
            select $1, session.id, n, (now() at time zone 'utc')::date, 0, gen_random_uuid(), now(), now(), 'e', 'x',
                   jsonb_build_object('visit', session.id, 'product', session.number % 40)
            from   (select number, gen_random_uuid() as id from generate_series(1, 100) number) session cross join generate_series(1, 10) n
            """,
            columns.Project);
        await columns.AssertEqualsPostgres();

        Assert.Equal(["product"], await Properties(columns));
    }

    [Fact]
    public async Task Events_that_come_later_have_the_columns_too_and_a_file_that_is_written_anew_keeps_them()
    {
        await using TestColumns columns = await Filled(500);
        await columns.AssertEqualsPostgres();
        await Add(columns, 300);
        long expected = await Count(columns, "properties ->> '$.plan' = 'pro'");

        Assert.Equal(expected, await Count(columns, $"{Plan}{PropertyColumns.Arguments}) = 'pro'"));
        Assert.True(await (await columns.Open.Take(columns.Project, default))!.Rewrite(mustBeClean: true));
        Assert.Equal(expected, await Count(columns, $"{Plan}{PropertyColumns.Arguments}) = 'pro'"));
        await columns.AssertEqualsPostgres();
    }

    [Fact]
    public async Task A_question_about_such_a_property_reads_its_column_alone()
    {
        await using TestColumns columns = await Filled(500);
        await columns.AssertEqualsPostgres();
        string place = PropertyColumns.Names[(await Properties(columns)).IndexOf("plan")];

        string plan = "";
        await columns.Restart(() => plan = Explain(
            columns,
            $"SELECT count(*) FROM event_rows e WHERE CASE WHEN {PropertyColumns.Has}('plan') THEN {Plan}{PropertyColumns.Arguments}) ELSE e.properties END = 'pro'"));

        Assert.Equal([place], PropertyColumns.Names.Append("properties").Where(name => Regex.IsMatch(plan, $@"\b{name}\b")));
    }

    [Fact]
    public async Task An_option_bounds_them()
    {
        await using TestColumns columns = await TestColumns.Start(postgres, options => options.PropertyColumns = 1);
        await Add(columns, 200);
        await columns.AssertEqualsPostgres();

        Assert.Equal(["plan"], await Properties(columns));
    }

    [Fact]
    public async Task A_file_to_which_many_events_came_is_written_again_while_it_answers_and_chooses_anew()
    {
        await using TestColumns columns = await TestColumns.Start(postgres);
        await columns.AssertEqualsPostgres();
        ProjectColumns open = (await columns.Open.Take(columns.Project, default))!;
        await open.Refresh();
        Assert.False(open.IsBuilding);
        await Add(columns, 20_100);
        Assert.Empty(await Properties(columns));

        await open.Refresh();
        Assert.NotNull(await columns.TryAsk("SELECT 1"));
        await open.Building.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        Assert.NotNull(await columns.TryAsk("SELECT 1"));
        Assert.Equal(["plan", "price"], await Properties(columns));
        await columns.AssertEqualsPostgres();
        await open.Refresh();
        Assert.False(open.IsBuilding);
    }

    private async Task<TestColumns> Filled(int events)
    {
        TestColumns columns = await TestColumns.Start(postgres);
        await Add(columns, events);
        return columns;
    }

    private static Task Add(TestColumns columns, int events) => columns.Do(
        $$"""
        insert into tracking.journal (project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id, properties)
        select $1, session.id, 1, (now() at time zone 'utc')::date, 0, gen_random_uuid(), now(), now(), 'e', 'x',
               jsonb_build_object('plan', (array['free', 'pro', 'team'])[1 + n % 3], 'price', 1.50, 'unique', session.id, 'long', repeat('x', 200))
               || case when n % 100 = 0 then '{"rare": "1"}' else '{}' end::jsonb
        from   generate_series(1, {{events}}) n cross join lateral (select gen_random_uuid() as id where n > 0) session
        """,
        columns.Project);

    private static string Explain(TestColumns columns, string sql)
    {
        using DuckDBConnection duck = new($"DataSource={columns.FilePath}");
        duck.Open();
        using DuckDBCommand command = duck.CreateCommand();
        command.CommandText = "EXPLAIN " + sql;
        using DuckDBDataReader reader = command.ExecuteReader();
        Assert.True(reader.Read());
        // The name of the database is that of the project.
        return reader.GetString(1).Replace(columns.Project + ".main", "", StringComparison.Ordinal);
    }

    private static async Task<long> Count(TestColumns columns, string condition) =>
        (long)(await columns.Ask($"SELECT count(*) FROM event_rows e WHERE {condition}")).Rows[0][0]!;

    private static async Task<List<string>> Properties(TestColumns columns)
    {
        string names = (string)(await columns.Ask("SELECT value FROM holding.state WHERE name = 'Properties'")).Rows[0][0]!;
        return JsonSerializer.Deserialize<List<string>>(names)!;
    }
}
