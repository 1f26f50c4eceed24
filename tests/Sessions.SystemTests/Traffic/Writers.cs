using System.Collections.Concurrent;
using System.Net;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Traffic;

/// <summary>
/// Visitors that send what they do to the gateways, and keep books. Like the SDKs they send a batch again, with the
/// same ids, until it is answered: after a 5xx, a broken connection, no connection.
/// </summary>
public sealed class Writers
{
    private static readonly TimeSpan RetryPace = TimeSpan.FromMilliseconds(300);

    private readonly Gateway[] _gateways;
    private readonly Visitor[] _visitors;
    private readonly ConcurrentDictionary<Guid, SentEvent> _sent = new();
    private readonly ConcurrentDictionary<Guid, SentEvent> _acknowledged = new();
    private int _retries;
    private int _duplicatesSent;

    public Writers(IReadOnlyList<Gateway> gateways, int visitors, int seed)
    {
        _gateways = [.. gateways];
        string run = Events.NewDistinctId($"seed{seed}");
        _visitors = [.. Enumerable.Range(0, visitors).Select(index => new Visitor((seed * 10_000) + index, run))];
    }

    /// <summary>Every event that left, answered or not.</summary>
    public IReadOnlyDictionary<Guid, SentEvent> Sent => _sent;

    /// <summary>Every event that was answered with 200.</summary>
    public IReadOnlyDictionary<Guid, SentEvent> Acknowledged => _acknowledged;

    /// <summary>How often something had to be sent again.</summary>
    public int Retries => _retries;

    /// <summary>How often something was sent again for no reason, as networks make happen.</summary>
    public int DuplicatesSent => _duplicatesSent;

    /// <summary>
    /// Sends until told to stop, then finishes what is in hand, so that in the end all that was sent is acknowledged.
    /// </summary>
    public Task Run(CancellationToken stop) =>
        Task.WhenAll(_visitors.Select((visitor, index) => Run(visitor, index, stop)));

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

    private async Task Run(Visitor visitor, int index, CancellationToken stop)
    {
        await Task.Yield();
        for (int turn = index; !stop.IsCancellationRequested; turn++)
        {
            SentEvent[] batch = visitor.Next();
            await Deliver(batch, turn);
            if (turn % 10 == 0)
            {
                // The answer may get lost on its way to a client, who then sends again, to whom it may reach.
                Interlocked.Increment(ref _duplicatesSent);
                await Deliver(batch, turn + 1);
            }
        }
    }

    private async Task Deliver(SentEvent[] batch, int turn)
    {
        foreach (SentEvent made in batch)
        {
            _sent[made.Id] = made;
        }

        using PeriodicTimer pace = new(RetryPace);
        // Retries go round the gateways, as a load balancer would send them.
        for (int attempt = 0; !await TrySend(_gateways[(turn + attempt) % _gateways.Length], batch); attempt++)
        {
            Interlocked.Increment(ref _retries);
            await pace.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        foreach (SentEvent made in batch)
        {
            _acknowledged[made.Id] = made;
        }
    }

    private static async Task<bool> TrySend(Gateway gateway, SentEvent[] batch)
    {
        try
        {
            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(10));
            using HttpResponseMessage answer = await gateway.Capture(batch.Select(Visitor.ToJson), cancel: patience.Token);
            string text = await answer.Content.ReadAsStringAsync(patience.Token);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                Assert.DoesNotContain("dropped", text, StringComparison.Ordinal);
                return true;
            }

            Assert.True((int)answer.StatusCode >= 500, $"The SDKs drop what gets {(int)answer.StatusCode}: {text}");
            Assert.True(answer.StatusCode == HttpStatusCode.ServiceUnavailable, $"{(int)answer.StatusCode}: {text}");
            return false;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException or IOException)
        {
            return false;
        }
    }
}
