using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using Sessions.Database;
using Sessions.Domain.Querying.Hours;
using Sessions.Queries;
using Sessions.Queries.Aggregates;
using Sessions.Queries.Engines;
using Sessions.Queries.Hours;
using Sessions.Tests.Web.Api.Persons;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>Hours that a gateway holds in memory are used while they are valid, and never longer.</summary>
public sealed class HourMemoryTests(LoneTestGateway gateway) : IClassFixture<LoneTestGateway>
{
    private const string HowLong = """{"date_from":"2026-01-01","series":[{"event":null,"math":"sum","property":"$session_duration"}]}""";
    private const string HowManyPersons = """{"date_from":"2026-01-01","series":[{"event":null,"math":"unique_users"}]}""";
    private const string OfNow = """{"date_from":"-1h","series":[{"event":null,"math":"unique_users"}]}""";

    [Fact]
    public async Task An_hour_in_memory_is_not_read_again()
    {
        using Asking asking = await Asking.About(gateway, Session(1), Session(2));
        await KeptHours.Count(gateway);
        Assert.Equal(3, await asking.Value(HowLong));

        await Quietly("update tracking.session_hours set sessions = 'junk' where project = $1", asking.Project);

        Assert.Equal(3, await asking.Value(HowLong));
    }

    [Fact]
    public async Task An_hour_that_was_recounted_is_read_again()
    {
        StoredSession session = Session(1);
        using Asking asking = await Asking.About(gateway, session, Session(2));
        await KeptHours.Count(gateway);
        Assert.Equal(3, await asking.Value(HowLong));

        await StoredSession.Amend(gateway.Database, asking.Project, session with { Seconds = 7 });
        Assert.Equal(9, await asking.Value(HowLong));
        await KeptHours.Count(gateway);
        Assert.Equal(9, await asking.Value(HowLong));

        await Do("delete from tracking.sessions where project = $1 and end_timestamp - start_timestamp = interval '7 seconds'", asking.Project);
        await KeptHours.Count(gateway);
        Assert.Equal(2, await asking.Value(HowLong));
    }

    [Fact]
    public async Task A_late_session_of_an_hour_in_memory_is_in_the_answer()
    {
        using Asking asking = await Asking.About(gateway, Session(1));
        await KeptHours.Count(gateway);
        Assert.Equal(1, await asking.Value(HowLong));

        await StoredSession.Write(gateway.Database, asking.Project, [Session(4), Session(8) with { Start = Noon.AddHours(-3) }]);

        Assert.Equal(13, await asking.Value(HowLong));
        await KeptHours.Count(gateway);
        Assert.Equal(13, await asking.Value(HowLong));
    }

    [Fact]
    public async Task A_merge_applies_at_once_even_when_it_commits_after_later_ones()
    {
        using Asking asking = await Asking.About(
            gateway, Session(1) with { DistinctId = "a1" }, Session(1) with { DistinctId = "a2" }, Session(1) with { DistinctId = "ann" });
        await KeptHours.Count(gateway);
        Assert.Equal(3, await asking.Value(HowManyPersons));
        await using NpgsqlConnection late = await gateway.Database.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await late.BeginTransactionAsync();
        await Identify(late, asking.Project, "a1");
        Assert.Equal(3, await asking.Value(HowManyPersons));
        await using (NpgsqlConnection sooner = await gateway.Database.OpenConnectionAsync())
        {
            await Identify(sooner, asking.Project, "a2");
        }

        Assert.Equal(2, await asking.Value(HowManyPersons));

        await transaction.CommitAsync();

        Assert.Equal(1, await asking.Value(HowManyPersons));
        await Do("delete from tracking.identities where project = $1 and anonymous_id = 'a1'", asking.Project);
        Assert.Equal(2, await asking.Value(HowManyPersons));
    }

    [Fact]
    public async Task A_deleted_person_leaves_memory_with_the_next_query_whatever_it_asks()
    {
        using Asking asking = await Asking.About(
            gateway,
            (Session(1) with { DistinctId = "anon", Start = Noon.AddDays(-1) }).With("$pageview"),
            (Session(2) with { DistinctId = "ann" }).With("$identify", 0, "ann", ("$anon_distinct_id", "anon")),
            (Session(4) with { DistinctId = "bob" }).With("$pageview"));
        await KeptHours.Count(gateway);
        Assert.Equal(2, await asking.Value(HowManyPersons));
        HourMemory memory = gateway.Service<SessionHours>().Memory;
        Assert.All(["ann", "anon", "bob"], id => Assert.True(memory.Knows(asking.Project, id)));

        using HttpResponseMessage deleted = await asking.Program.DeleteAsync("/api/persons/ann");
        await PersonApiTests.Finished(asking.Program, (string)JsonNode.Parse(await deleted.Content.ReadAsStringAsync())!["id"]!);

        Assert.Equal(0, await asking.Value(OfNow));
        Assert.All(["ann", "anon"], id => Assert.False(memory.Knows(asking.Project, id)));
        Assert.Equal(1, await asking.Value(HowManyPersons));
        await KeptHours.Count(gateway);
        Assert.Equal(1, await asking.Value(HowManyPersons));
        Assert.Equal(4, await asking.Value(HowLong));
        Assert.All(["ann", "anon"], id => Assert.False(memory.Knows(asking.Project, id)));
    }

    [Fact]
    public async Task Changed_path_rules_and_channels_apply_to_the_next_answer()
    {
        StoredSession session = Session(1) with { EntryPathname = "/users/1", ChannelType = "Direct" };
        using Asking asking = await Asking.About(gateway, session, Session(1) with { EntryPathname = "/users/2", ChannelType = "Direct" });
        await KeptHours.Count(gateway);
        Assert.Equal(["/users/1", "/users/2"], await Values(asking, "entry_path"));
        Assert.Equal(["Direct"], await Values(asking, "channel"));

        using HttpResponseMessage ruled = await asking.Program.PutAsync(
            "/api/project", new StringContent("""{"path_cleaning":[{"regex":"\\d+","replacement":":id"}]}"""));
        Assert.Equal(HttpStatusCode.OK, ruled.StatusCode);
        await StoredSession.Amend(gateway.Database, asking.Project, session with { ChannelType = "Email" });

        Assert.Equal(["/users/:id"], await Values(asking, "entry_path"));
        Assert.Equal(["Direct", "Email"], await Values(asking, "channel"));
    }

    [Fact]
    public async Task An_hour_that_was_removed_from_memory_is_read_again()
    {
        using Asking asking = await Asking.About(gateway, Session(1), Session(2));
        await KeptHours.Count(gateway);
        FakeTimeProvider clock = new();
        using SessionHours hours = new(Options.Create(new HourOptions { MemoryMinutes = 10 }), clock);
        Assert.Equal(2, await Count(hours, asking.Project));
        Assert.True(hours.Memory.Knows(asking.Project, "ann"));

        clock.Advance(TimeSpan.FromMinutes(13));

        Assert.False(hours.Memory.Knows(asking.Project, "ann"));
        Assert.Equal(0, hours.Memory.Bytes);
        Assert.Equal(2, await Count(hours, asking.Project));
        Assert.True(hours.Memory.Knows(asking.Project, "ann"));
    }

    [Fact]
    public async Task Memory_stays_within_its_limit_and_the_least_recently_used_hour_is_removed_first()
    {
        using HourMemory memory = new(Options.Create(new HourOptions { MemoryMegabytes = 1 }), new FakeTimeProvider());
        for (int hour = 0; hour < 3; hour++)
        {
            await Put(memory, "seldom", hour);
        }

        for (int hour = 0; hour < 300; hour++)
        {
            await Put(memory, "often", hour);
            Assert.InRange(memory.Bytes, 250 * hour, 1024 * 1024);
        }

        Assert.False(memory.Knows("seldom", "seldom 0 0"));
        Assert.True(memory.Knows("often", "often 0 0"));
        Assert.False(memory.Knows("often", "often 1 0"));
        Assert.True(memory.Knows("often", "often 299 0"));
    }

    private static async Task Put(HourMemory memory, string project, int hour)
    {
        ProjectMemory its = await memory.Take(project, TestContext.Current.CancellationToken);
        long start = hour * 3_600_000_000L;
        its.Hours.Put(new HourVersion(start, Guid.NewGuid()), HourWriter.Write(Enumerable.Range(0, 100).Select(row => new HourRow(
            start + row, $"{project} {hour} {row}", new long?[HourColumns.Numbers.Count], new string?[HourColumns.Texts.Count]))));
        // The first hour is used again and again.
        its.Hours.TablesOf([(0, long.MaxValue)], hour == 0 ? [start] : [0, start], [], its.Question);
        memory.Return(its);
    }

    private async Task<double?> Count(SessionHours hours, string project)
    {
        AggregateQueries queries = new(gateway.Service<QuestionDataSource>(), gateway.Service<QuestionEngines>(), hours);
        Series series = new(null, SeriesMath.Total, null, []);
        AggregationResult? result = await queries.Get(
            new Aggregation(project, [new Period(Noon.AddDays(-1), Noon.AddDays(1), [Noon.AddDays(-1)])], [series], null),
            new StatementLimits(TimeSpan.FromSeconds(30), 4),
            _ => true,
            TestContext.Current.CancellationToken);
        return Assert.Single(result!.Measured).Value.Value;
    }

    private static async Task<IEnumerable<string?>> Values(Asking asking, string tile)
    {
        string answer = await asking.Program.GetStringAsync($"/api/web-analytics/{tile}?date_from=2026-01-01");
        return JsonNode.Parse(answer)!["results"]!.AsArray().Select(row => (string?)row!["value"]).Order(StringComparer.Ordinal);
    }

    private static async Task Identify(NpgsqlConnection connection, string project, string anonymousId)
    {
        await using NpgsqlCommand insert = new(
            """
            insert into tracking.identities (project, anonymous_id, distinct_id, time, event_id, born)
            values ($1, $2, 'ann', '2026-01-15 12:00Z', gen_random_uuid(), '2026-01-15')
            """,
            connection);
        insert.Parameters.AddWithValue(project);
        insert.Parameters.AddWithValue(anonymousId);
        await insert.ExecuteNonQueryAsync();
    }

    private async Task Do(string statement, string project)
    {
        await using NpgsqlCommand command = gateway.Database.CreateCommand(statement);
        command.Parameters.AddWithValue(project);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Without triggers, so the versions stay.</summary>
    private async Task Quietly(string statement, string project)
    {
        await using NpgsqlConnection connection = await gateway.Database.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using NpgsqlCommand quietly = new("set local session_replication_role = replica", connection);
        await quietly.ExecuteNonQueryAsync();
        await using NpgsqlCommand command = new(statement, connection);
        command.Parameters.AddWithValue(project);
        await command.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private static StoredSession Session(double seconds) => new() { Start = Noon, Seconds = seconds };
}
