using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Queries.Hours;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>
/// Sessions are stored by the hour in which they began. Whatever changes, and whenever, the answers are exact.
/// </summary>
public sealed class HourTests(TestGateway gateway, TestPostgres postgres) : IClassFixture<TestGateway>
{
    private const string HowMany = """{"date_from":"2026-01-01","series":[{"event":null,"math":"total"}]}""";

    [Theory]
    [InlineData(11, "256")]
    [InlineData(12, "256")]
    [InlineData(13, "0")]
    public async Task Every_answer_equals_a_scan_of_all_rows_while_sessions_are_added_changed_and_deleted(
        int seed, string megabytes)
    {
        await using WebApplication other = await gateway.StartAnother(
            settings: new Dictionary<string, string?> { ["Sessions:Hours:MemoryMegabytes"] = megabytes });
        RandomQueries random = new(seed);
        List<StoredSession> sessions = random.Sessions(150);
        using Asking asking = await Asking.About(gateway, [.. sessions]);
        asking.Ask(other.Urls.First());
        await Count();

        for (int round = 0; round < 25; round++)
        {
            await Amend(random, sessions, asking.Project);
            if (round % 4 == 3)
            {
                await Count();
            }

            NaiveQuery naive = new(sessions);
            for (int i = 0; i < 5; i++)
            {
                string query = random.QueryOfHours().ToJsonString();
                string expected = string.Join('\n', naive.Answer(JsonNode.Parse(query)!));

                string actual = string.Join('\n', (await asking.Query(query)).Select(ResultLine.Of));

                Assert.True(expected == actual, $"seed {seed}, round {round}: {query}\nexpected:\n{expected}\nactual:\n{actual}");
            }
        }
    }

    [Fact]
    public async Task Stored_hours_are_answered_without_reading_the_rows()
    {
        using Asking asking = await Asking.About(gateway, Session(1), Session(2), Session(3));
        await Count();

        await TakeRowsAwayUnnoticed(asking.Project);

        Assert.Equal(3, await asking.Value(HowMany));
        Assert.Equal(0, await asking.Value(
            """{"date_from":"2026-01-01","series":[{"event":null,"math":"total","filters":[{"key":"$session_duration","operator":"gt","value":0}]}]}"""));
    }

    [Fact]
    public async Task Live_sessions_are_read_from_their_rows()
    {
        StoredSession session = Session(1) with { IsLive = true };
        using Asking asking = await Asking.About(gateway, session, Session(2));
        await Count();

        await StoredSession.Amend(gateway.Database, asking.Project, session with { Seconds = 100 });

        Assert.Equal(0, await Marks(asking.Project));
        Assert.Equal(102, await asking.Value("""{"series":[{"event":null,"math":"sum","property":"$session_duration"}]}"""));
    }

    [Fact]
    public async Task A_change_that_commits_after_its_hour_was_counted_is_in_the_answer()
    {
        StoredSession session = Session(1);
        using Asking asking = await Asking.About(gateway, session, Session(2));
        await using NpgsqlConnection late = await gateway.Database.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await late.BeginTransactionAsync();
        await using NpgsqlCommand change = new(
            "update tracking.sessions set end_timestamp = end_timestamp + interval '9 seconds' where session_id = $1", late)
        {
            Parameters = { new() { Value = session.Id } },
        };
        await change.ExecuteNonQueryAsync();
        await Count();
        const string query = """{"series":[{"event":null,"math":"sum","property":"$session_duration"}]}""";
        Assert.Equal(3, await asking.Value(query));

        await transaction.CommitAsync();

        Assert.Equal(12, await asking.Value(query));
        await Count();
        Assert.Equal(12, await asking.Value(query));
        Assert.Equal(0, await Marks(asking.Project));
    }

    [Fact]
    public async Task A_deleted_session_leaves_its_hour_at_once()
    {
        StoredSession session = Session(1);
        using Asking asking = await Asking.About(gateway, session, Session(2), Session(3) with { Start = Noon.AddHours(1) });
        await Count();

        await StoredSession.Delete(gateway.Database, asking.Project, session);

        Assert.Equal([Noon.AddHours(1)], await Hours(asking.Project));
        Assert.Equal(2, await asking.Value(HowMany));
        await Count();
        Assert.Equal([Noon, Noon.AddHours(1)], await Hours(asking.Project));
        Assert.Equal(2, await asking.Value(HowMany));
    }

    [Fact]
    public async Task A_session_of_the_current_hour_writes_no_mark_and_is_not_stored_by_hour_yet()
    {
        StoredSession session = Session(1) with { Start = gateway.Service<TimeProvider>().GetUtcNow().AddMinutes(-5), Seconds = 1 };
        using Asking asking = await Asking.About(gateway, session);

        await StoredSession.Amend(gateway.Database, asking.Project, session with { Seconds = 2 });

        Assert.Equal(0, await Marks(asking.Project));
        await Count();
        Assert.Empty(await Hours(asking.Project));
        Assert.Equal(1, await asking.Value(HowMany));
    }

    [Fact]
    public async Task Hours_stored_in_another_format_are_recounted()
    {
        using Asking asking = await Asking.About(gateway, Session(1), Session(2));
        await Count();
        await Do("update tracking.kept_hours set format = 0 where project = $1", asking.Project);
        await Do("update tracking.session_hours set sessions = 'junk' where project = $1", asking.Project);

        Assert.Equal(2, await asking.Value(HowMany));
        await Count();

        await TakeRowsAwayUnnoticed(asking.Project);
        Assert.Equal(2, await asking.Value(HowMany));
    }

    [Fact]
    public async Task A_silo_that_has_counted_a_round_lets_any_silo_count_the_next()
    {
        string connection = await postgres.CreateDatabase();
        await using NpgsqlDataSource one = NpgsqlDataSource.Create(connection), other = NpgsqlDataSource.Create(connection);

        foreach (NpgsqlDataSource silo in (NpgsqlDataSource[])[one, other, one])
        {
            Assert.True(await KeeperOf(silo).Count(TestContext.Current.CancellationToken));
        }
    }

    private async Task Amend(RandomQueries random, List<StoredSession> sessions, string project)
    {
        for (int i = 0; i < 6; i++)
        {
            int at = random.OneOf([.. Enumerable.Range(0, sessions.Count)]);
            StoredSession old = sessions[at];
            StoredSession like = random.Session();
            switch (random.OneOf([0, 1, 2, 3]))
            {
                case 0:
                    sessions[at] = like with { Id = old.Id, Events = old.Events };
                    await StoredSession.Amend(gateway.Database, project, sessions[at]);
                    break;
                case 1:
                    sessions[at] = old with { IsLive = !old.IsLive, Seconds = old.Seconds + 0.25 };
                    await StoredSession.Amend(gateway.Database, project, sessions[at]);
                    break;
                case 2:
                    sessions.RemoveAt(at);
                    await StoredSession.Delete(gateway.Database, project, old);
                    break;
                default:
                    sessions.Add(like);
                    await StoredSession.Write(gateway.Database, project, [like]);
                    break;
            }
        }
    }

    private Task Count() => KeptHours.Count(gateway);

    private static HourKeeper KeeperOf(NpgsqlDataSource silo) =>
        new(silo, Options.Create(new HourOptions()), TimeProvider.System, NullLogger<HourKeeper>.Instance);

    /// <summary>Without triggers, so nothing is marked.</summary>
    private async Task TakeRowsAwayUnnoticed(string project)
    {
        await using NpgsqlConnection connection = await gateway.Database.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using NpgsqlCommand quietly = new("set local session_replication_role = replica", connection);
        await quietly.ExecuteNonQueryAsync();
        await using NpgsqlCommand delete = new("delete from tracking.sessions where project = $1", connection)
        {
            Parameters = { new() { Value = project } },
        };
        await delete.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    private async Task<long> Marks(string project)
    {
        await using NpgsqlCommand command = gateway.Database.CreateCommand("select count(*) from tracking.changed_hours where project = $1");
        command.Parameters.AddWithValue(project);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<List<DateTimeOffset>> Hours(string project)
    {
        await using NpgsqlCommand command = gateway.Database.CreateCommand("select hour from tracking.session_hours where project = $1 order by 1");
        command.Parameters.AddWithValue(project);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        List<DateTimeOffset> hours = [];
        while (await reader.ReadAsync())
        {
            hours.Add(reader.GetFieldValue<DateTimeOffset>(0));
        }

        return hours;
    }

    private async Task Do(string statement, string project)
    {
        await using NpgsqlCommand command = gateway.Database.CreateCommand(statement);
        command.Parameters.AddWithValue(project);
        await command.ExecuteNonQueryAsync();
    }

    private static StoredSession Session(double seconds) => new() { Start = Noon, Seconds = seconds };
}
