using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;
using Sessions.Tests;

namespace Sessions.SystemTests.Persons;

/// <summary>
/// A person is deleted from a cluster under traffic, also when the cluster is killed in the middle of it.
/// </summary>
[Collection(Lane.Killed)]
public sealed class DeletionTests
{
    private const int Sessions = 1_500;
    // A busy machine erases some ten sessions a second.
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(6);

    [Fact]
    public async Task A_deletion_interrupted_by_a_kill_resumes_and_completes_and_others_lose_nothing()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan
        {
            Name = "person-deleted",
            Silos = 2,
            Gateways = 2,
            IdleTimeout = TimeSpan.FromMinutes(30),
        });
        using Gateway gateway = cluster.Gateway(), other = cluster.Gateway(1);
        string anonymous = Events.NewDistinctId("anonymous"), person = Events.NewDistinctId("person");
        await Live(gateway, anonymous, person);
        using CancellationTokenSource stop = new();
        Writers writers = new([gateway, other], visitors: 8, seed: 41);
        Task traffic = writers.Send(stop.Token);
        await writers.HaveAcknowledged(500, traffic, Bound);

        Task<HttpResponseMessage> asked = gateway.Ask(HttpMethod.Delete, $"/api/persons/{person}");
        await Wait.For(async () => await Ask<int>(cluster, "select sessions from tracking.person_deletions") > 0, "the deletion did not begin", Bound);
        foreach (RunningProcess silo in cluster.Ready.OfRole("silo"))
        {
            Signals.Kill9(silo.Pid);
        }

        int atTheKill = await Ask<int>(cluster, "select sessions from tracking.person_deletions");
        using HttpResponseMessage answer = await asked;
        // What came later is new; what comes again of the time before is not taken, however often.
        await Wait.For(
            async () => await Ask<bool>(cluster, "select bool_and(finished_at is not null) from tracking.person_deletions"),
            "the deletion did not go on by itself",
            Bound);
        await writers.HaveAcknowledged(writers.Acknowledged.Count + 500, traffic, Bound);
        await stop.CancelAsync();
        await traffic;

        Assert.True(atTheKill < Sessions, "The kill came too late to break anything off.");
        Assert.Equal(Sessions, await Ask<int>(cluster, "select sessions from tracking.person_deletions"));
        // What a deleted row leaves behind in its page is Postgres' affair; what any table shows is ours.
        Assert.Empty(await DatabaseText.TablesWith(cluster.Operator, person));
        Assert.Empty(await DatabaseText.TablesWith(cluster.Operator, anonymous));
        await Books.AreRight(cluster.Reader, writers);
        Assert.DoesNotContain(person, await cluster.WholeOutput(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_person_with_a_live_session_is_deleted_at_once_and_starts_anew_with_the_next_event()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "person-on-now", Silos = 2, Gateways = 2 });
        using Gateway gateway = cluster.Gateway(), other = cluster.Gateway(1);
        string person = Events.NewDistinctId("on-now"), session = Events.NewSessionId();
        JsonObject before = Events.Event("$pageview", person, session);
        await gateway.Track(before, Events.Event("clicked", person));
        Assert.NotNull(await gateway.LiveSession(person));

        using HttpResponseMessage answer = await other.Ask(HttpMethod.Delete, $"/api/persons/{person}");
        await Wait.For(
            async () => await Ask<bool>(cluster, "select bool_and(finished_at is not null) from tracking.person_deletions"), "it was not done", Bound);

        Assert.Null(await gateway.LiveSession(person));
        Assert.Null(await gateway.Session(session));
        Assert.Empty(await DatabaseText.TablesWith(cluster.Operator, person));
        using HttpResponseMessage again = await gateway.Capture([before]);
        Assert.Equal((HttpStatusCode.BadRequest, true), (again.StatusCode, (await again.Content.ReadAsStringAsync()).Contains("person_deleted", StringComparison.Ordinal)));
        Assert.Empty(await DatabaseText.TablesWith(cluster.Operator, person));
        await gateway.Track(Events.Event("$pageview", person, session, DateTimeOffset.UtcNow.AddSeconds(1)));
        Assert.Equal(1, (int?)(await gateway.SessionWith(session, 1))["$event_count"]);
    }

    /// <summary>Many sessions, live and ended, first of an anonymous person and then of the same one identified.</summary>
    private static async Task Live(Gateway gateway, string anonymous, string person)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        string first = Events.NewSessionId();
        await gateway.Track(
            Events.Event("$pageview", anonymous, first, now.AddSeconds(-2)),
            Events.Event("$identify", person, first, now.AddSeconds(-1), ("$anon_distinct_id", anonymous)));
        foreach (int[] some in Enumerable.Range(1, Sessions - 1).Chunk(250))
        {
            await gateway.Track([.. some.Select(n => Events.Event("$pageview", person, Events.NewSessionId(), now.AddSeconds(-n)))]);
        }
    }

    private static async Task<T> Ask<T>(Cluster cluster, string sql)
    {
        await using NpgsqlCommand command = cluster.Operator.CreateCommand(sql);
        return await command.ExecuteScalarAsync() is T found ? found : default!;
    }
}
