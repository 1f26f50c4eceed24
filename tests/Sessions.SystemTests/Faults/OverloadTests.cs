using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Faults;

/// <summary>
/// Under twice the load that the machine can take, answers are right, the rest is refused, and memory stays flat.
/// </summary>
[Collection(Lane.Broken)]
public sealed class OverloadTests(FaultCluster cluster)
{
    private const int Devices = 500;
    private const int BusySenders = 256;

    // The senders share the processors with what they load. So they send what costs them little and the cluster much:
    // one request with an event each of many devices.
    private const int Batch = 25;

    // Where other programs have the machine, what it could take is measured too low to be much.
    private const int LeastOffered = 16;

    // Less than twice, measured so, is not what the test is about.
    private const double Surplus = 1.9;

    // What a process uses beside its managed heap: the runtime, code, threads, sockets.
    private const long BesidesTheHeap = 300L << 20;

    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(Soak.IsOn ? 20 : 3);
    private static readonly TimeSpan Flood = TimeSpan.FromSeconds(Soak.IsOn ? 300 : 10);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan RefusedWithin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Recovery = TimeSpan.FromMinutes(1);

    private readonly string _run = Events.NewDistinctId("flood");
    private readonly ConcurrentQueue<Guid[]> _acknowledged = new();
    private readonly ConcurrentBag<TimeSpan> _refusals = [];
    private readonly ConcurrentDictionary<int, int> _statuses = new();

    [Fact]
    public Task Under_twice_the_possible_load_answers_are_right_refusals_quick_and_memory_bounded() =>
        cluster.Run("twice the load", async () =>
        {
            using HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 4_000 }) { Timeout = TimeSpan.FromSeconds(30) };
            // The first time everything is cold.
            await Capacity(http);
            double capacity = await Capacity(http);
            _statuses.Clear();

            double offered = await Offer(http, Math.Max(2 * capacity, LeastOffered)) / Flood.TotalSeconds;

            await Wait.For(async () => await Send(http, 0) == 200, "it did not recover from the load", Recovery);
            await AllThere();
            string seen = string.Join(", ", _statuses.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} x {pair.Key}"));
            Report.Note("overload", $"requests of {Batch} events: {offered:0}/s offered, {capacity:0}/s can be taken: {seen}");
            Assert.DoesNotContain(_statuses.Keys, status => status is not (0 or 200 or 503));
            Assert.All(cluster.Memory.Most, process => Assert.InRange(process.Value, 0, FaultCluster.MemoryLimit + BesidesTheHeap));
            if (Soak.IsOn)
            {
                Assert.True(offered >= Surplus * capacity, $"only {offered:0} requests a second could be offered, of twice {capacity:0}");
            }

            TimeSpan[] refusals = [.. _refusals.Order()];
            if (refusals.Length > 0)
            {
                TimeSpan slow = refusals[refusals.Length * 99 / 100];
                Report.Note("p99 of refusals under overload", $"{slow.TotalMilliseconds:0} ms of {refusals.Length}");
                if (Soak.IsOn)
                {
                    // On a busy machine the time says nothing.
                    Assert.InRange(slow, TimeSpan.Zero, RefusedWithin);
                }
            }
        });

    /// <summary>Requests a second.</summary>
    private async Task<double> Capacity(HttpClient http)
    {
        var clock = Stopwatch.StartNew();
        int taken = 0;
        await Task.WhenAll(Enumerable.Range(0, BusySenders).Select(async sender =>
        {
            for (int turn = sender; clock.Elapsed < Measured; turn += BusySenders)
            {
                if (await Send(http, turn) == 200)
                {
                    Interlocked.Increment(ref taken);
                }
            }
        }));
        return taken / clock.Elapsed.TotalSeconds;
    }

    /// <summary>Sends at a rate, whether or not anything comes back.</summary>
    private async Task<int> Offer(HttpClient http, double perSecond)
    {
        var clock = Stopwatch.StartNew();
        ConcurrentDictionary<Task, byte> open = new();
        int sent = 0;
        using PeriodicTimer pace = new(Tick);
        while (clock.Elapsed < Flood)
        {
            await pace.WaitForNextTickAsync();
            // Who can't send that fast is not to try for ever.
            double due = perSecond * Math.Min(clock.Elapsed.TotalSeconds, Flood.TotalSeconds);
            for (; sent < due; sent++)
            {
                Task one = Send(http, sent);
                open.TryAdd(one, 0);
                _ = one.ContinueWith(done => open.TryRemove(done, out byte _), TaskScheduler.Default);
            }
        }

        await Task.WhenAll(open.Keys);
        return sent;
    }

    private async Task<int> Send(HttpClient http, int turn)
    {
        Guid[] ids = [.. Enumerable.Range(0, Batch).Select(_ => Guid.CreateVersion7())];
        Uri gateway = cluster.Cluster.Ready.Gateways[turn % 2];
        using ByteArrayContent body = new(Body(ids, turn * Batch));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        long begun = Stopwatch.GetTimestamp();
        int status = 0;
        try
        {
            using HttpResponseMessage answer = await http.PostAsync(new Uri(gateway, "/batch/"), body);
            status = (int)answer.StatusCode;
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                _acknowledged.Enqueue(ids);
            }
            else if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                _refusals.Add(Stopwatch.GetElapsedTime(begun));
            }
        }
        catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException)
        {
            // No connection, or no answer within the client's patience.
        }

        _statuses.AddOrUpdate(status, 1, (_, before) => before + 1);
        return status;
    }

    private byte[] Body(Guid[] ids, int firstDevice)
    {
        IEnumerable<string> events = ids.Select((id, at) =>
            $$"""{"event":"flood","distinct_id":"{{_run}}-{{(firstDevice + at) % Devices}}","uuid":"{{id}}"}""");
        return Encoding.UTF8.GetBytes(
            $$"""{"api_key":"{{cluster.Cluster.Ready.ProjectToken}}","batch":[{{string.Join(',', events)}}]}""");
    }

    private async Task AllThere()
    {
        await using NpgsqlCommand select = cluster.Reader.CreateCommand("select event_id from events where starts_with(distinct_id, $1)");
        select.Parameters.AddWithValue(_run);
        await using NpgsqlDataReader rows = await select.ExecuteReaderAsync();
        HashSet<Guid> stored = [];
        while (await rows.ReadAsync())
        {
            Assert.True(stored.Add(rows.GetGuid(0)), $"{rows.GetGuid(0)} is there twice");
        }

        int lost = _acknowledged.SelectMany(ids => ids).Count(id => !stored.Contains(id));
        Assert.True(lost == 0, $"{lost} acknowledged events are lost");
    }
}
