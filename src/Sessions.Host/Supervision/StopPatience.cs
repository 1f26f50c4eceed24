using Sessions.Host.Database;

namespace Sessions.Host.Supervision;

/// <summary>How long a stop waits: as long as it may take, and no longer than a few seconds once Postgres is away.</summary>
/// <param name="away">Done when Postgres is away.</param>
/// <param name="time">The clock.</param>
internal sealed class StopPatience(Task away, TimeProvider time)
{
    /// <summary>With a look at Postgres until the stop is over.</summary>
    /// <param name="postgres">Where Postgres is.</param>
    /// <param name="say">Is told when it is away.</param>
    /// <param name="time">The clock.</param>
    /// <param name="over">The stop is over.</param>
    public static StopPatience WithProbe(string postgres, Action<string> say, TimeProvider time, CancellationToken over)
    {
        return new StopPatience(Away(), time);

        async Task Away()
        {
            await new PostgresProbe(postgres, time).WhenAway(over);
            if (!over.IsCancellationRequested)
            {
                say("Postgres does not answer: nothing more can be written, and nobody waits for that");
            }
        }
    }

    /// <summary>How long what is in hand may take without Postgres.</summary>
    public static readonly TimeSpan WithoutPostgres = TimeSpan.FromSeconds(4);

    /// <summary>Done when Postgres is away.</summary>
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
