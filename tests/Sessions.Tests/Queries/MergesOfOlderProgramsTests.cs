using Npgsql;
using Sessions.Database.Migrations;

namespace Sessions.Tests.Queries;

/// <summary>
/// Merges that an older version has stored: after the migration they are as if they had just arrived.
/// </summary>
public sealed class MergesOfOlderProgramsTests(TestPostgres postgres)
{
    private static readonly IReadOnlyList<Migration> All = Migrator.Embedded(typeof(Migrator).Assembly);

    [Theory]
    [InlineData("ann", "ann anon-a", "a back-dated merge is undone")]
    [InlineData("mallory", "mallory", "and leaves its sender alone")]
    [InlineData("null", "null", "what names nobody merges nobody")]
    [InlineData("anon-1", "anon-1", "on neither side")]
    [InlineData("shop", "crm shop", "an alias that had no effect has one")]
    [InlineData("dan", "dan eve", "and so has a dangerous merge")]
    [InlineData("fay", "fay", "who was identified without an anonymous id was identified")]
    public async Task Merges_stored_by_older_versions_are_applied_in_the_order_of_arrival_after_the_migration(
        string id, string ids, string because)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.CreateEmptyDatabase());
        await Migrator.Apply(database, [.. All.Where(migration => migration.Number < 68)], default);
        await Do(database, "select tracking.ensure_partitions('2026-01-15', 0)");
        await Said(database, "$identify", "ann", """{"$anon_distinct_id":"anon-a"}""", happened: 10, received: 10);
        await Said(database, "$identify", "mallory", """{"$anon_distinct_id":"ann"}""", happened: 1, received: 20);
        await Said(database, "$identify", "null", """{"$anon_distinct_id":"anon-1"}""", happened: 21, received: 21);
        await Said(database, "$identify", "null", """{"$anon_distinct_id":"anon-2"}""", happened: 22, received: 22);
        await Said(database, "$create_alias", "shop", """{"alias":"crm"}""", happened: 23, received: 23);
        await Said(database, "$identify", "eve", """{"$anon_distinct_id":"eve"}""", happened: 24, received: 24);
        await Said(database, "$merge_dangerously", "dan", """{"alias":"eve"}""", happened: 25, received: 25);
        await Said(database, "$identify", "fay", "{}", happened: 26, received: 26);

        await Migrator.Apply(database, All, default);
        await Said(database, "$identify", "gus", """{"$anon_distinct_id":"fay"}""", happened: 2, received: 30);

        await using NpgsqlCommand ask = database.CreateCommand(
            "select string_agg(distinct_id, ' ' order by distinct_id) from tracking.ids_of_person('p', $1)");
        ask.Parameters.Add(new() { Value = id });
        string found = (string)(await ask.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
        Assert.True(ids == found, $"{because}: {found}");
    }

    private static async Task Said(
        NpgsqlDataSource database, string name, string distinctId, string properties, int happened, int received)
    {
        await using NpgsqlCommand insert = database.CreateCommand(
            """
            insert into tracking.journal (project, session_id, number, born, kind, event_id, time, received_at, event, distinct_id, properties)
            values ('p', gen_random_uuid(), 1, '2026-01-15', 0, gen_random_uuid(), timestamptz '2026-01-15 12:00Z' + make_interval(secs => $4),
                    timestamptz '2026-01-15 12:00Z' + make_interval(secs => $5), $1, $2, $3::jsonb)
            """);
        foreach (object value in new object[] { name, distinctId, properties, (double)happened, (double)received })
        {
            insert.Parameters.Add(new() { Value = value });
        }

        await insert.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private static async Task Do(NpgsqlDataSource database, string sql)
    {
        await using NpgsqlCommand command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
