using System.Text.Json.Nodes;
using Npgsql;
using Sessions.SystemTests.Audit;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Faults;

/// <summary>Many devices, each with one live session of one event, whose client says how long it may idle.</summary>
public sealed class ManySessions
{
    private const int DevicesInARequest = 250;

    private readonly string _run = Events.NewDistinctId("many");
    private readonly List<Guid> _sessions = [];
    private readonly TimeSpan _idleTimeout;
    private readonly DateTimeOffset _first = DateTimeOffset.UtcNow;
    private DateTimeOffset _last;

    private ManySessions(TimeSpan idleTimeout) => _idleTimeout = idleTimeout;

    public static async Task<ManySessions> Begin(FaultCluster cluster, int count, TimeSpan idleTimeout)
    {
        ManySessions made = new(idleTimeout);
        Gateway[] gateways = cluster.OpenGateways();
        foreach (int[] devices in Enumerable.Range(0, count).Chunk(DevicesInARequest))
        {
            await gateways[devices[0] / DevicesInARequest % gateways.Length].Track([.. devices.Select(made.FirstEvent)]);
        }

        made._last = DateTimeOffset.UtcNow;
        Array.ForEach(gateways, gateway => gateway.Dispose());
        return made;
    }

    /// <summary>All of them live on, if they may: on a busy machine a restart can outlast their timeout.</summary>
    public async Task AllLive(FaultCluster cluster)
    {
        await using NpgsqlCommand count = cluster.Reader.CreateCommand(
            "select count(*) from sessions where session_id = any($1) and status = 'live'");
        count.Parameters.AddWithValue(_sessions.ToArray());
        long live = (long)(await count.ExecuteScalarAsync())!;
        if (DateTimeOffset.UtcNow - _first < _idleTimeout)
        {
            Assert.Equal(_sessions.Count, live);
        }
    }

    /// <summary>All of them end, within that much of their timeout and once, not before it.</summary>
    public async Task AllEnd(FaultCluster cluster, TimeSpan slack)
    {
        TimeSpan left = _last + _idleTimeout + slack - DateTimeOffset.UtcNow;
        await Ends.AllCome(cluster.Owner, _sessions, left > TimeSpan.Zero ? left : TimeSpan.Zero);
        await using NpgsqlCommand select = cluster.Owner.CreateCommand(
            """
            select count(*), min(ended.received_at - begun.received_at)
            from   tracking.journal begun
            join   tracking.journal ended using (project, session_id)
            where  begun.session_id = any($1) and begun.kind <> 2 and ended.kind = 2
            """);
        select.Parameters.AddWithValue(_sessions.ToArray());
        await using NpgsqlDataReader row = await select.ExecuteReaderAsync();
        await row.ReadAsync();
        Assert.Equal(_sessions.Count, row.GetInt64(0));
        Assert.True(row.GetTimeSpan(1) >= _idleTimeout, $"One ended after {row.GetTimeSpan(1)}.");
    }

    private JsonObject FirstEvent(int device)
    {
        string session = Events.NewSessionId();
        _sessions.Add(Guid.Parse(session));
        return Events.Event(
            "$pageview", $"{_run}-{device}", session, null, ("$configured_session_timeout_ms", (long)_idleTimeout.TotalMilliseconds));
    }
}
