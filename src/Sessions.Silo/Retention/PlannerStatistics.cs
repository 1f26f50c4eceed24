using Microsoft.Extensions.Logging;
using Npgsql;
using Sessions.Database;

namespace Sessions.Silo.Retention;

/// <summary>
/// Refreshes the planner's statistics of tables that grow quickly. Autovacuum does so only once a minute. Until then, a
/// new installation would use plans for empty tables and read whole tables for every batch.
/// </summary>
internal sealed partial class PlannerStatistics(NpgsqlDataSource database, TimeProvider clock, ILogger<PlannerStatistics> log)
    : PeriodicWork(Pace, clock)
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    private static readonly string AnalyzeGrown = SqlFile.Read("analyze_grown.sql");

    /// <summary>
    /// Analyzes the tables that have grown to several times their known size. Does nothing when another process is
    /// analyzing.
    /// </summary>
    public static async Task Refresh(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(AnalyzeGrown);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    protected override Task Step(CancellationToken stopping) => Refresh(database, stopping);

    // An outage is logged at debug level only: autovacuum analyzes the tables later.
    protected override void LogFailing(string reason, Exception? fault) =>
        LogNotAnalyzed(fault is null ? LogLevel.Debug : LogLevel.Warning, reason, fault);

    [LoggerMessage(EventId = 1090, Message = "Tables that have grown can't be analyzed now ({Reason}). The silo tries again at its next turn, and "
        + "autovacuum analyzes them too. Nothing needs to be done unless statements stay slow.")]
    private partial void LogNotAnalyzed(LogLevel level, string reason, Exception? fault);

    [LoggerMessage(1091, LogLevel.Debug, "Tables that have grown are analyzed again.")]
    protected override partial void LogWorking();
}
