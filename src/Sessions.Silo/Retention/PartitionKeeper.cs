using Microsoft.Extensions.Logging;
using Npgsql;
using Sessions.Database;

namespace Sessions.Silo.Retention;

/// <summary>
/// Creates the partitions of the journal and of replay blocks some days ahead, at the start and every hour.
/// </summary>
/// <remarks>The host waits for the first run: without today's partition nothing can be written.</remarks>
internal sealed partial class PartitionKeeper(NpgsqlDataSource database, TimeProvider clock, ILogger<PartitionKeeper> log)
    : PeriodicWork(TimeSpan.FromHours(1), clock, FirstStep.BeforeTheHostGoesOn)
{
    private const int DaysAhead = 7;

    private static readonly string EnsurePartitions = SqlFile.Read("ensure_partitions.sql");

    /// <summary>Creates the missing partitions from yesterday to some days ahead.</summary>
    public static async Task Ensure(NpgsqlDataSource database, DateOnly today, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(EnsurePartitions);
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = today });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = DaysAhead });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    protected override Task Step(CancellationToken stopping) =>
        Ensure(database, DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime), stopping);

    [LoggerMessage(1080, LogLevel.Warning, "The partitions of the next days can't be made now ({Reason}). The silo tries again in an hour, and has "
        + "partitions for the next days. Check that Postgres runs and has room: a day without a partition takes no events.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(1081, LogLevel.Information, "The partitions of the next days are made again.")]
    protected override partial void LogWorking();
}
