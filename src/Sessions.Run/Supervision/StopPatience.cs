using Sessions.Host.Database;

namespace Sessions.Run.Supervision;

/// <summary>How long a stop waits: up to its timeout, but only a few seconds once Postgres is unavailable.</summary>
/// <param name="away">Completes when Postgres is unavailable.</param>
/// <param name="time">The clock.</param>
internal sealed class StopPatience(Task away, TimeProvider time)
{
    /// <summary>Creates one that probes Postgres until the stop is complete.</summary>
    /// <param name="postgres">The connection string of Postgres.</param>
    /// <param name="say">Prints a line when Postgres is unavailable.</param>
    /// <param name="time">The clock.</param>
    /// <param name="over">Cancelled when the stop is complete.</param>
    public static StopPatience WithProbe(string postgres, Action<string> say, TimeProvider time, CancellationToken over)
    {
        return new StopPatience(Away(), time);

        async Task Away()
        {
            await new PostgresProbe(postgres, time).WhenAway(over);
            if (!over.IsCancellationRequested)
            {
                say("Postgres does not answer; the stop does not wait for writes any more");
            }
        }
    }

    /// <summary>How long the current work may take without Postgres.</summary>
    public static readonly TimeSpan WithoutPostgres = TimeSpan.FromSeconds(4);

    /// <summary>Completes when Postgres is unavailable.</summary>
    public Task Away => away;

    /// <summary>Waits for a stop; false when it took too long.</summary>
    public async Task<bool> Wait(Task stopped, TimeSpan patience)
    {
        Task over = Task.WhenAny(Task.Delay(patience, time), Hurried());
        return await Task.WhenAny(stopped, over) == stopped;
    }

    private async Task Hurried()
    {
        await away;
        await Task.Delay(WithoutPostgres, time);
    }
}
