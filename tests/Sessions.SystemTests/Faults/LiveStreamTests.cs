using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Faults;

/// <summary>A live stream reports everything, whichever silo is lost.</summary>
[Collection(Lane.Broken)]
public sealed class LiveStreamTests(FaultCluster cluster)
{
    private const int Devices = 30;
    private const int WatchersOfTheFirst = 40;

    private static readonly TimeSpan Seen = TimeSpan.FromSeconds(90);

    [Fact]
    public Task Every_live_stream_gets_all_updates_and_ends_after_a_silo_was_killed() =>
        cluster.Run("a silo is killed while many watch", async () =>
        {
            Gateway[] gateways = cluster.OpenGateways();
            using CancellationTokenSource over = new();
            Watcher[] watchers =
            [
                .. Enumerable.Repeat(gateways[0], WatchersOfTheFirst).Append(gateways[1]).Select(gateway => new Watcher(gateway, over.Token)),
            ];
            await Task.WhenAll(watchers.Select(watcher => watcher.Opened));
            (string Device, string Session)[] visits =
                [.. Enumerable.Range(0, Devices).Select(_ => (Events.NewDistinctId("watched"), Events.NewSessionId()))];

            await Task.WhenAll(visits.Select((visit, at) => Sender.UntilTaken(gateways, Events.Event("before", visit.Device, visit.Session), at)));
            await AllSee("live", events: 1);
            Signals.Kill9(cluster.Silos[0].Pid);
            await Task.WhenAll(visits.Select((visit, at) => Sender.UntilTaken(gateways, Events.Event("after", visit.Device, visit.Session), at)));
            await AllSee("live", events: 2);
            // Others' sessions of the same devices end these.
            await Task.WhenAll(visits.Select((visit, at) => Sender.UntilTaken(gateways, Events.Event("next", visit.Device, Events.NewSessionId()), at)));
            await AllSee("ended", events: 2);

            await over.CancelAsync();
            await Task.WhenAll(watchers.Select(watcher => watcher.Closed));
            Array.ForEach(gateways, gateway => gateway.Dispose());

            Task AllSee(string status, int events) => Wait.ForNothingWrong(
                () => Task.FromResult<IReadOnlyList<string>>(
                [
                    .. from watcher in watchers
                       from visit in visits
                       let seen = watcher.Sessions.GetValueOrDefault(visit.Session)
                       where (string?)seen?["status"] != status || (int?)seen["$event_count"] != events
                       select $"{visit.Session} is {seen?["status"]} with {seen?["$event_count"]} events to a watcher",
                ]),
                $"not all see all sessions {status} with {events} events",
                Seen);
        });

    /// <summary>One open stream, and what it says of each session.</summary>
    private sealed class Watcher
    {
        private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Watcher(Gateway gateway, CancellationToken over) => Closed = Watch(gateway, over);

        public Task Opened => Task.WhenAny(_opened.Task, Closed).Unwrap();

        public Task Closed { get; }

        public ConcurrentDictionary<string, JsonObject> Sessions { get; } = [];

        private async Task Watch(Gateway gateway, CancellationToken over)
        {
            try
            {
                await using Stream stream = await gateway.Open("/api/live/stream", over);
                _opened.TrySetResult();
                await foreach (SseItem<string> said in SseParser.Create(stream).EnumerateAsync(over))
                {
                    JsonObject session = JsonNode.Parse(said.Data)!.AsObject();
                    Sessions[(string)session["$session_id"]!] = session;
                }

                throw new EndOfStreamException("The stream has ended.");
            }
            catch (OperationCanceledException) when (over.IsCancellationRequested)
            {
                // Nobody watches any more.
            }
        }
    }
}
