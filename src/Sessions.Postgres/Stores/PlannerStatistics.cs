using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sessions.Postgres;

/// <summary>
/// Has the planner look at tables that grow quickly. Autovacuum does so once a minute: until then a new installation reads
/// whole tables for every batch, by plans that were made when they were empty.
/// </summary>
internal sealed class PlannerStatistics(NpgsqlDataSource database, TimeProvider clock, ILogger<PlannerStatistics> log)
    : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(2);

    private static readonly string AnalyzeGrown = QueryText.Read("analyze_grown.sql");

    /// <summary>Analyzes what has grown to several times what is known of it; nothing when another process is about it.</summary>
    public static async Task Refresh(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(AnalyzeGrown);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pace, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Refresh(database, stoppingToken);
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
            {
                // Autovacuum comes to it too, only later.
                log.LogDebug(failure, "Grown tables could not be analyzed");
            }
        }
    }
}
