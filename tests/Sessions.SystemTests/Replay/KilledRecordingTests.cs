using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Replay;

[Collection(Lane.Killed)]
public sealed class KilledRecordingTests
{
    private const int Recorders = 6;
    private const int BlocksBeforeTheKill = 300;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Killing_all_processes_while_recording_loses_no_acknowledged_block_and_counts_none_twice()
    {
        await using Cluster cluster = await Cluster.Launch(new ClusterPlan { Name = "killed-recording", IdleTimeout = TimeSpan.FromMinutes(30) });
        using Gateway gateway = cluster.Gateway();
        using CancellationTokenSource stop = new();
        Recorder[] recorders = [.. Enumerable.Range(0, Recorders).Select(number => new Recorder(gateway, number))];
        Task recording = Task.WhenAll(recorders.Select(recorder => recorder.Run(stop.Token)));

        await HaveAcknowledged(BlocksBeforeTheKill);
        await cluster.Kill9();
        await cluster.Start();
        await HaveAcknowledged(2 * BlocksBeforeTheKill);
        await stop.CancelAsync();
        await recording;

        Assert.True(recorders.Sum(recorder => recorder.Retries) > 0, "The kill hit nobody, so it showed nothing.");
        foreach (Recorder recorder in recorders)
        {
            IReadOnlyList<JsonObject> replay = await gateway.Replay(recorder.Session, isRaw: true);
            string[] played = [.. replay.Select(one => (string?)one["data"]!["text"]).OfType<string>()];
            Assert.Empty(recorder.Acknowledged.Except(played));
            Assert.Equal(played.Distinct().Count(), played.Length);
            Assert.Equal(replay.Select(one => one.Time()).Order(), replay.Select(one => one.Time()));

            JsonObject session = (await gateway.Session(recorder.Session))!;
            Assert.Equal(replay.Clicks(), (int)session["$replay_click_count"]!);
            Assert.Equal(replay.Inputs(), (int)session["$replay_keypress_count"]!);
            await Wait.For(
                async () => await Row(cluster.Reader, recorder.Session) == (replay.Clicks(), replay.Inputs(), replay.Count),
                "the row is not what a recount of the blocks says",
                TimeSpan.FromSeconds(30));
        }

        await cluster.Stop();

        Task HaveAcknowledged(int blocks) => Wait.For(
            () => Task.FromResult(recording.IsFaulted || recorders.Sum(recorder => recorder.Acknowledged.Count) >= blocks),
            $"not {blocks} blocks were acknowledged",
            Bound);
    }

    private static async Task<(int Clicks, int Inputs, int Events)> Row(NpgsqlDataSource reader, string session)
    {
        await using NpgsqlCommand select = reader.CreateCommand(
            "select click_count, keypress_count, event_count::int from session_replays where session_id = $1");
        select.Parameters.AddWithValue(Guid.Parse(session));
        await using NpgsqlDataReader row = await select.ExecuteReaderAsync();
        return await row.ReadAsync() ? (row.GetInt32(0), row.GetInt32(1), row.GetInt32(2)) : default;
    }

    /// <summary>One window that records, and sends each block until it is acknowledged.</summary>
    private sealed class Recorder(Gateway gateway, int number)
    {
        private readonly ConcurrentQueue<string> _acknowledged = new();
        private int _retries;

        public string Session { get; } = Events.NewSessionId();

        /// <summary>The texts typed in blocks that were answered with 200.</summary>
        public ConcurrentQueue<string> Acknowledged => _acknowledged;

        public int Retries => _retries;

        public async Task Run(CancellationToken stop)
        {
            long begun = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            for (int block = 0; !stop.IsCancellationRequested; block++)
            {
                string text = $"{number}-{block}";
                JsonObject snapshot = Snapshot(begun + (block * 100), text);
                while (!stop.IsCancellationRequested && !await Send(snapshot))
                {
                    Interlocked.Increment(ref _retries);
                }

                if (!stop.IsCancellationRequested)
                {
                    _acknowledged.Enqueue(text);
                }
            }
        }

        private async Task<bool> Send(JsonObject snapshot)
        {
            try
            {
                using HttpResponseMessage answer = await gateway.Record(CancellationToken.None, snapshot);
                Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}");
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (Exception gone) when (gone is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        }

        private JsonObject Snapshot(long at, string text) => new()
        {
            ["uuid"] = Guid.CreateVersion7().ToString(),
            ["event"] = "$snapshot",
            ["properties"] = new JsonObject
            {
                ["distinct_id"] = $"recorded-{Session}",
                ["$session_id"] = Session,
                ["$window_id"] = "window",
                ["$snapshot_data"] = new JsonArray(
                    Rrweb(at, new JsonObject { ["source"] = 2, ["type"] = 2, ["id"] = 1 }),
                    Rrweb(at + 1, new JsonObject { ["source"] = 5, ["id"] = 2, ["text"] = text })),
            },
        };

        private static JsonObject Rrweb(long at, JsonObject data) => new() { ["type"] = 3, ["timestamp"] = at, ["data"] = data };
    }
}
