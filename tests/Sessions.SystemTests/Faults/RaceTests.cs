using System.Net;
using Npgsql;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Faults;

/// <summary>Simultaneous first events of one device, sent through all gateways, are one session.</summary>
[Collection(Lane.Broken)]
public sealed class RaceTests(FaultCluster cluster)
{
    private const int Devices = 200;
    private const int EventsEach = 16;
    private const int DevicesAtOnce = 40;

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, true, true)]
    public Task Simultaneous_first_events_of_200_devices_make_200_sessions(bool named, bool reset, bool killed) =>
        cluster.Run($"first events at once (named: {named}, reset: {reset}, a silo killed: {killed})", async () =>
        {
            Gateway[] gateways = cluster.OpenGateways();
            string run = Events.NewDistinctId("race");
            Task kill = Task.CompletedTask;
            int begun = 0;
            await Parallel.ForEachAsync(
                Enumerable.Range(0, Devices),
                new ParallelOptions { MaxDegreeOfParallelism = DevicesAtOnce },
                async (device, cancel) =>
                {
                    if (killed && Interlocked.Increment(ref begun) == Devices / 3)
                    {
                        RunningProcess victim = cluster.Silos[0];
                        Signals.Kill9(victim.Pid);
                        kill = cluster.IsBack(victim);
                    }

                    string id = $"{run}-{device}";
                    await AllAtOnce(gateways, id, named);
                    if (reset)
                    {
                        await Reset(gateways[device % gateways.Length], id);
                        await AllAtOnce(gateways, id, named);
                    }
                });
            await kill;
            Array.ForEach(gateways, gateway => gateway.Dispose());

            (long sessions, long devices, long events, long distinct) = await Count(run);
            Assert.Equal(Devices, devices);
            Assert.Equal(Devices * EventsEach * (reset ? 2 : 1), events);
            Assert.Equal(events, distinct);
            Assert.Equal(Devices * (reset ? 2 : 1), sessions);
        });

    private static Task AllAtOnce(Gateway[] gateways, string device, bool named)
    {
        string? session = named ? Events.NewSessionId() : null;
        return Task.WhenAll(Enumerable.Range(0, EventsEach).Select(index =>
            Sender.UntilTaken(gateways, Events.Event("first", device, session), first: index)));
    }

    // Asked again after a 503, as its answer says; 404 then means that the first time had done it.
    private static Task Reset(Gateway gateway, string device) => Wait.For(
        async () =>
        {
            using HttpResponseMessage answer = await gateway.Ask(HttpMethod.Post, $"/api/devices/{device}/reset");
            Assert.True(
                answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound or HttpStatusCode.ServiceUnavailable,
                $"{answer.StatusCode}");
            return answer.StatusCode != HttpStatusCode.ServiceUnavailable;
        },
        $"{device} could not be reset",
        Sender.Endurance);

    private async Task<(long Sessions, long Devices, long Events, long Distinct)> Count(string run)
    {
        await using NpgsqlCommand count = cluster.Reader.CreateCommand(
            """
            select count(distinct session_id), count(distinct distinct_id), count(*), count(distinct event_id)
            from   events
            where  starts_with(distinct_id, $1)
            """);
        count.Parameters.AddWithValue(run);
        await using NpgsqlDataReader row = await count.ExecuteReaderAsync();
        await row.ReadAsync();
        return (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3));
    }
}
