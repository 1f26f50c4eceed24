using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Durability;

/// <summary>
/// Without Postgres nothing is durable, so events are refused. When Postgres is back, they are captured as before.
/// </summary>
[Collection(Lane.Killed)]
public sealed class PostgresAwayTests
{
    private const int Senders = 16;
    private const long Mebibyte = 1024 * 1024;
    private static readonly TimeSpan Flood = TimeSpan.FromSeconds(15);

    // The patience of many SDKs.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task While_Postgres_is_stopped_senders_get_503_at_once_and_afterwards_events_are_captured()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "postgres-away" });
        using Gateway gateway = cluster.Gateway();
        string session = Events.NewSessionId();
        string person = Events.NewDistinctId("patient");
        await gateway.Track(Events.Event("$pageview", person, session));
        int pid = cluster.Ready.OfRole("all").Single().Pid;
        Postmaster postgres = Postmaster.At(cluster.Ready.OfRole("postgres").Single().Pid);

        await postgres.ShutDown();
        long before = Signals.ResidentBytes(pid);
        IReadOnlyCollection<Answer> answers = await AnswersTo(gateway);

        Assert.NotEmpty(answers);
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status));
        Assert.All(answers, answer => Assert.True(answer.SaysWhen, "a 503 without Retry-After"));
        Assert.All(answers, answer => Assert.InRange(answer.Took, TimeSpan.Zero, AtOnce * Load.Slowness));
        Assert.InRange(Signals.ResidentBytes(pid) - before, long.MinValue, 150 * Mebibyte);

        await postgres.StartAgain();
        await Takes(cluster, gateway);
        await gateway.Track(Events.Event("$autocapture", person, session));
        Assert.Equal(2, (int?)(await gateway.Session(session))?["$event_count"]);
        await Books.AddUp(cluster.Reader, session);
        await cluster.Stop();
    }

    [Fact]
    public async Task When_Postgres_dies_it_is_restarted_and_all_acknowledged_events_are_there()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "postgres-died" });
        using Gateway gateway = cluster.Gateway();
        string session = Events.NewSessionId();
        string person = Events.NewDistinctId("patient");
        await gateway.Track(Events.Event("$pageview", person, session));

        await Postmaster.At(cluster.Ready.OfRole("postgres").Single().Pid).Kill9();
        await Takes(cluster, gateway);

        await gateway.Track(Events.Event("$autocapture", person, session));
        Assert.Equal(2, (int?)(await gateway.Session(session))?["$event_count"]);
        await Books.AddUp(cluster.Reader, session);
        await cluster.Stop();
    }

    /// <summary>What many senders are told who do not stop asking for a while.</summary>
    private static async Task<IReadOnlyCollection<Answer>> AnswersTo(Gateway gateway)
    {
        ConcurrentBag<Answer> answers = [];
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(async _ =>
        {
            await Task.Yield();
            while (clock.Elapsed < Flood)
            {
                TimeSpan asked = clock.Elapsed;
                using HttpResponseMessage answer = await gateway.Capture(
                    [Events.Event("lost", Events.NewDistinctId("impatient"), properties: ("much", new string('x', 10_000)))]);
                answers.Add(new Answer(answer.StatusCode, answer.Headers.RetryAfter is not null, clock.Elapsed - asked));
            }
        }));
        return answers;
    }

    private static Task Takes(Cluster cluster, Gateway gateway) =>
        Wait.For(
            async () =>
            {
                using HttpResponseMessage answer = await gateway.Capture([Events.Event("again", Events.NewDistinctId("patient"))]);
                Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}");
                return answer.StatusCode == HttpStatusCode.OK;
            },
            () => $"the gateway did not recover.{Environment.NewLine}{cluster.Output}",
            Recovery);

    private sealed record Answer(HttpStatusCode Status, bool SaysWhen, TimeSpan Took);
}
