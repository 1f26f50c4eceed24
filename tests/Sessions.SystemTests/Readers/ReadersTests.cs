using System.Diagnostics;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Readers;

/// <summary>
/// An access log of thousands of readers, without session ids, sent over HTTP: the sessions are those of a naive model,
/// each with the right events. The log is made from a seed, or is a real one when an environment variable names its
/// file.
/// </summary>
[Collection(Lane.Started)]
public sealed class ReadersTests(ITestOutputHelper output)
{
    private const int Readers = 2_000;
    private const int Seed = 20_140_107;

    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(30);

    [Fact]
    public async Task A_readers_log_sent_in_order_twice_and_shuffled_gives_the_sessions_of_a_naive_model()
    {
        Reading[] log = TheLog();
        var cut = NaiveSessions.Cut(log, IdleTimeout);
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "readers", IdleTimeout = IdleTimeout });
        using Gateway gateway = cluster.Gateway();

        Reading[] shuffled = [.. log];
        new Random(Seed).Shuffle(shuffled);

        await Send("in-order", postman => postman.Deliver(log));
        await Send("twice", postman => postman.DeliverTwice(log));
        await Send("shuffled", postman => postman.Deliver(shuffled));

        await Expect("in-order", cut);
        await Expect("twice", cut);
        await Expect("shuffled", NaiveSessions.AsTheyCome(shuffled, IdleTimeout));

        async Task Send(string order, Func<Postman, Task> deliver)
        {
            var clock = Stopwatch.StartNew();
            await deliver(new Postman(gateway, order));
            output.WriteLine($"{order}: {log.Length} events of {cut.DistinctBy(session => session[0].Reader).Count()} readers in {clock.Elapsed.TotalSeconds:0.0} s");
        }

        async Task Expect(string order, IReadOnlyList<Reading[]> sessions)
        {
            await Visits.AreThese(cluster.Reader, new Postman(gateway, order), sessions);
            output.WriteLine($"{order}: {sessions.Count} sessions, {sessions.Count(session => session.Length == 1)} of one event");
        }
    }

    [Fact]
    public void The_seeded_log_has_gaps_and_lengths_exactly_at_the_limits_of_the_rules()
    {
        Reading[] log = new SeededLog(Seed).Of(Readers);
        var cut = NaiveSessions.Cut(log, IdleTimeout);

        Assert.Contains(cut, session => Gaps(session).Contains(IdleTimeout));
        Assert.Contains(cut, session => session[^1].At - session[0].At == TimeSpan.FromHours(24));
        Assert.InRange((double)cut.Count(session => session.Length == 1) / cut.Count, 0.3, 0.7);
        // A timeout a second shorter is another count, and so is a second longer.
        Assert.True(NaiveSessions.Cut(log, IdleTimeout - TimeSpan.FromSeconds(1)).Count > cut.Count);
        Assert.True(NaiveSessions.Cut(log, IdleTimeout + TimeSpan.FromSeconds(1)).Count < cut.Count);
    }

    private static Reading[] TheLog() =>
        Environment.GetEnvironmentVariable(LogFile.Variable) is { Length: > 0 } file
            ? LogFile.Read(file)
            : new SeededLog(Seed).Of(Readers);

    private static IEnumerable<TimeSpan> Gaps(Reading[] session) => session.Zip(session.Skip(1), (one, next) => next.At - one.At);
}
