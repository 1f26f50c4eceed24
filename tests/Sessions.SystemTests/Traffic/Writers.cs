using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;
using Xunit.Sdk;

namespace Sessions.SystemTests.Traffic;

/// <summary>
/// Visitors that send what they do to the gateways, and keep books. Like the SDKs they send a batch again, with the
/// same ids, until it is answered: after a 5xx, a broken connection, no connection.
/// </summary>
public sealed class Writers
{
    /// <summary>How long many SDKs wait for an answer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryPace = TimeSpan.FromMilliseconds(300);

    private readonly Gateway[] _gateways;
    private readonly Visitor[] _visitors;
    private readonly ConcurrentDictionary<Guid, SentEvent> _sent = new();
    private readonly ConcurrentDictionary<Guid, SentEvent> _acknowledged = new();
    private readonly ConcurrentBag<Reset> _resets = [];
    private int _retries;
    private int _duplicatesSent;
    private readonly Lock _refusalGate = new();
    private Refusals _mostRefused = new();
    private long _longestStallMs;

    /// <param name="gateways">Where they send, in turn.</param>
    /// <param name="visitors">How many there are.</param>
    /// <param name="seed">Decides what they do.</param>
    /// <param name="habits">What each is like; by default the clients of every day.</param>
    public Writers(IReadOnlyList<Gateway> gateways, int visitors, int seed, Func<int, Habits>? habits = null)
    {
        _gateways = [.. gateways];
        Run = Events.NewDistinctId($"seed{seed}");
        _visitors = [.. Enumerable.Range(0, visitors).Select(index =>
            new Visitor((seed * 10_000) + index, Run, (habits ?? Habits.Plain)(index)))];
    }

    /// <summary>How long a visitor rests between two batches. Default not at all.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>What the names of these visitors begin with.</summary>
    public string Run { get; }

    /// <summary>When the first of them began.</summary>
    public DateTimeOffset Begun { get; } = DateTimeOffset.UtcNow;

    /// <summary>Every event that left, answered or not.</summary>
    public IReadOnlyDictionary<Guid, SentEvent> Sent => _sent;

    /// <summary>Every event that was answered with 200.</summary>
    public IReadOnlyDictionary<Guid, SentEvent> Acknowledged => _acknowledged;

    /// <summary>The visitors' sessions that somebody had ended.</summary>
    public IReadOnlyCollection<Reset> Resets => _resets;

    /// <summary>What the audit compares the database with.</summary>
    public WriterRecords Records => new(_sent, [.. _acknowledged.Keys], _resets);

    /// <summary>How each attempt to send went.</summary>
    public Answers Answers { get; } = new();

    /// <summary>How often something had to be sent again.</summary>
    public int Retries => _retries;

    /// <summary>How often something was sent again for no reason, as networks make happen.</summary>
    public int DuplicatesSent => _duplicatesSent;

    /// <summary>The most attempts that a batch took.</summary>
    public int MostAttempts => MostRefused.Count + 1;

    /// <summary>The failed attempts of the batch that had the most.</summary>
    public Refusals MostRefused
    {
        get
        {
            lock (_refusalGate)
            {
                return _mostRefused;
            }
        }
    }

    /// <summary>The longest that a batch took from its first attempt to its 200.</summary>
    public TimeSpan LongestStall => TimeSpan.FromMilliseconds(_longestStallMs);

    /// <summary>
    /// Sends until told to stop, then finishes what is in hand, so that in the end all that was sent is acknowledged.
    /// What goes wrong for one visitor ends it for all.
    /// </summary>
    public async Task Send(CancellationToken stop)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            await foreach (Task done in Task.WhenEach(_visitors.Select((visitor, index) => Send(visitor, index, over.Token))))
            {
                await done;
            }
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    /// <summary>Waits until that many events are acknowledged; what goes wrong in the traffic is told at once.</summary>
    public Task HaveAcknowledged(int events, Task traffic, TimeSpan bound) =>
        Wait.For(
            async () =>
            {
                if (traffic.IsCompleted)
                {
                    await traffic;
                }

                return _acknowledged.Count >= events;
            },
            $"{events} events were not acknowledged",
            bound);

    private async Task Send(Visitor visitor, int index, CancellationToken stop)
    {
        await Task.Yield();
        Dictionary<string, int> inSession = [];
        for (int turn = index; !stop.IsCancellationRequested; turn++)
        {
            SentEvent[] batch = visitor.Next();
            await Deliver(batch, turn);
            foreach (string session in batch.Select(made => made.SessionId).OfType<string>())
            {
                inSession[session] = inSession.GetValueOrDefault(session) + 1;
            }

            if (turn % 10 == 0)
            {
                // The answer may get lost on its way to a client, who then sends again, to whom it may reach.
                Interlocked.Increment(ref _duplicatesSent);
                await Deliver(batch, turn + 1);
            }

            if (visitor.SessionId is { } named && turn % 16 == 0)
            {
                await Look(_gateways[(turn + 1) % _gateways.Length], named, inSession.GetValueOrDefault(named));
            }

            if (visitor.WantsReset())
            {
                await EndSession(visitor, turn);
            }

            if (Pause > TimeSpan.Zero)
            {
                await Task.Delay(Pause, CancellationToken.None);
            }
        }
    }

    private async Task Deliver(SentEvent[] batch, int turn)
    {
        foreach (SentEvent made in batch)
        {
            _sent[made.Id] = made;
        }

        long begun = Stopwatch.GetTimestamp();
        // Retries go round the gateways, as a load balancer would send them.
        Refusals refusals = new();
        while (await TrySend(_gateways[(turn + refusals.Count) % _gateways.Length], batch) is { } refusal)
        {
            refusals.Add(Stopwatch.GetElapsedTime(begun), refusal);
            Interlocked.Increment(ref _retries);
            await Rest(begun, () => $"{batch.Length} events of {batch[0].Visitor}, {batch[0].Id} the first, were not taken: {refusals}");
        }

        lock (_refusalGate)
        {
            _mostRefused = refusals.Count > _mostRefused.Count ? refusals : _mostRefused;
        }

        InterlockedMax(ref _longestStallMs, (long)Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        foreach (SentEvent made in batch)
        {
            _acknowledged[made.Id] = made;
        }
    }

    /// <summary>Sends once; returns null when the events were taken, or else why they were not.</summary>
    private async Task<string?> TrySend(Gateway gateway, SentEvent[] batch)
    {
        long asked = Stopwatch.GetTimestamp();
        int status = 0;
        try
        {
            using CancellationTokenSource patience = new(Patience);
            using HttpResponseMessage answer = await gateway.Capture(batch.Select(Visitor.ToJson), cancel: patience.Token);
            string text = await answer.Content.ReadAsStringAsync(patience.Token);
            status = (int)answer.StatusCode;
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                Assert.DoesNotContain("dropped", text, StringComparison.Ordinal);
                return null;
            }

            Assert.True(status >= 500, $"The SDKs drop what gets {status}: {text}");
            Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{status}: {text}");
            return $"{status} {text}";
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException)
        {
            return error.Message;
        }
        finally
        {
            Answers.Note(asked, status);
        }
    }

    /// <summary>
    /// What the API says of a session has all that was acknowledged before it was asked, whoever holds it by now: a silo
    /// that was frozen does not answer from what it knew.
    /// </summary>
    private static async Task Look(Gateway gateway, string session, int events)
    {
        if (await Ask(gateway, HttpMethod.Get, $"/api/sessions/{session}") is ({ } answer, HttpStatusCode.OK))
        {
            int has = (int?)JsonNode.Parse(answer)!["$event_count"] ?? 0;
            Assert.True(has >= events, $"The answer says that session {session} has {has} events, and {events} were acknowledged before: {answer}");
        }
    }

    private async Task EndSession(Visitor visitor, int turn)
    {
        DateTimeOffset asked = DateTimeOffset.UtcNow;
        long begun = Stopwatch.GetTimestamp();
        for (int attempt = 0; ; attempt++)
        {
            (_, HttpStatusCode status) = await Ask(
                _gateways[(turn + attempt) % _gateways.Length], HttpMethod.Post, $"/api/devices/{Uri.EscapeDataString(visitor.Device)}/reset");
            if (status is HttpStatusCode.OK or HttpStatusCode.NotFound)
            {
                _resets.Add(new Reset(visitor.Name, asked, DateTimeOffset.UtcNow, status == HttpStatusCode.OK));
                return;
            }

            await Rest(begun, () => $"the session of {visitor.Name} could not be reset: {attempt + 1} attempts, the last one {(int)status}");
        }
    }

    /// <summary>Between two attempts; the last one that there may be fails.</summary>
    private static async Task Rest(long begun, Func<string> what)
    {
        TimeSpan since = Stopwatch.GetElapsedTime(begun);
        if (since > Sender.Endurance)
        {
            throw new XunitException($"For {since.TotalSeconds:0} s {what()}.");
        }

        await Task.Delay(RetryPace, TestContext.Current.CancellationToken);
    }

    /// <summary>The answer with its status; no text and no status when it did not come.</summary>
    private static async Task<(string? Text, HttpStatusCode Status)> Ask(Gateway gateway, HttpMethod method, string path)
    {
        try
        {
            using HttpResponseMessage answer = await gateway.Ask(method, path);
            string text = await answer.Content.ReadAsStringAsync();
            Assert.True(
                answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound or HttpStatusCode.ServiceUnavailable,
                $"{method} {path}: {(int)answer.StatusCode} {text}");
            return (text, answer.StatusCode);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException)
        {
            return (null, default);
        }
    }

    private static void InterlockedMax(ref long target, long value)
    {
        long seen = Volatile.Read(ref target);
        while (value > seen)
        {
            long before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
