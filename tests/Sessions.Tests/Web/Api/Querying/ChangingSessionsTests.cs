using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Npgsql;
using static Sessions.Tests.Web.SampleSessions;

namespace Sessions.Tests.Web.Api.Querying;

/// <inheritdoc/>
public sealed class ChangingSessionsTests(TestGateway gateway) : ChangingSessions<TestGateway>(gateway);

/// <summary>The same, answered from files of columns.</summary>
public sealed class ChangingSessionsOfFilesTests(FileColumnsGateway gateway) : ChangingSessions<FileColumnsGateway>(gateway);

/// <summary>Whatever changes, and whenever, the answers are exact.</summary>
public abstract class ChangingSessions<TGateway>(TGateway gateway) : IClassFixture<TGateway>
    where TGateway : TestGateway
{
    private const string HowMany = """{"date_from":"2026-01-01","series":[{"event":null,"math":"total"}]}""";
    private const string HowLong = """{"date_from":"2026-01-01","series":[{"event":null,"math":"sum","property":"$session_duration"}]}""";
    private const string HowManyPersons = """{"date_from":"2026-01-01","series":[{"event":null,"math":"unique_users"}]}""";

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Every_answer_of_two_gateways_equals_a_scan_of_all_rows_while_sessions_are_added_changed_and_deleted(int seed)
    {
        await using WebApplication other = await gateway.StartAnother();
        RandomQueries random = new(seed);
        List<StoredSession> sessions = random.Sessions(150);
        using Asking asking = await Asking.About(gateway, [.. sessions]);

        for (int round = 0; round < 25; round++)
        {
            await Amend(random, sessions, asking.Project);
            NaiveQuery naive = new(sessions);
            for (int i = 0; i < 6; i++)
            {
                string query = (i % 3 == 0 ? random.Query() : random.QueryOfSessions()).ToJsonString();
                string expected = string.Join('\n', naive.Answer(JsonNode.Parse(query)!));

                asking.Ask(i % 2 == 0 ? gateway.Address : other.Urls.First());
                string actual = string.Join('\n', (await asking.Query(query)).Select(ResultLine.Of));

                Assert.True(expected == actual, $"seed {seed}, round {round}: {query}\nexpected:\n{expected}\nactual:\n{actual}");
            }
        }
    }

    [Fact]
    public async Task A_change_is_in_the_answer_as_soon_as_it_commits_and_not_before()
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
        Assert.Equal(3, await asking.Value(HowLong));
        // A later transaction commits first.
        await StoredSession.Write(gateway.Database, asking.Project, [Session(4)]);
        Assert.Equal(7, await asking.Value(HowLong));

        await transaction.CommitAsync();

        Assert.Equal(16, await asking.Value(HowLong));
    }

    [Fact]
    public async Task A_deleted_session_leaves_the_answer_at_once()
    {
        StoredSession session = Session(1);
        using Asking asking = await Asking.About(gateway, session, Session(2), Session(3) with { Start = Noon.AddHours(1) });
        Assert.Equal(3, await asking.Value(HowMany));

        await StoredSession.Delete(gateway.Database, asking.Project, session);

        Assert.Equal(2, await asking.Value(HowMany));
    }

    [Fact]
    public async Task A_merge_applies_at_once_even_when_it_commits_after_later_ones()
    {
        using Asking asking = await Asking.About(
            gateway, Session(1) with { DistinctId = "a1" }, Session(1) with { DistinctId = "a2" }, Session(1) with { DistinctId = "ann" });
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
        await using NpgsqlCommand forget = gateway.Database.CreateCommand(
            "delete from tracking.identities where project = $1 and anonymous_id = 'a1'");
        forget.Parameters.AddWithValue(asking.Project);
        await forget.ExecuteNonQueryAsync();
        Assert.Equal(2, await asking.Value(HowManyPersons));
    }

    [Fact]
    public async Task Changed_path_rules_and_channels_apply_to_the_next_answer()
    {
        StoredSession session = Session(1) with { EntryPathname = "/users/1", ChannelType = "Direct" };
        using Asking asking = await Asking.About(gateway, session, Session(1) with { EntryPathname = "/users/2", ChannelType = "Direct" });
        Assert.Equal(["/users/1", "/users/2"], await Values(asking, "entry_path"));
        Assert.Equal(["Direct"], await Values(asking, "channel"));

        using HttpResponseMessage ruled = await asking.Program.PutAsync(
            "/api/project", new StringContent("""{"path_cleaning":[{"regex":"\\d+","replacement":":id"}]}"""));
        Assert.Equal(HttpStatusCode.OK, ruled.StatusCode);
        await StoredSession.Amend(gateway.Database, asking.Project, session with { ChannelType = "Email" });

        Assert.Equal(["/users/:id"], await Values(asking, "entry_path"));
        Assert.Equal(["Direct", "Email"], await Values(asking, "channel"));
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

    private static StoredSession Session(double seconds) => new() { Start = Noon, Seconds = seconds };
}
