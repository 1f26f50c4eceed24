using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Sessions.Postgres;

/// <summary>Makes the partitions of journal and replay blocks some days ahead, at start and every hour.</summary>
internal sealed class PartitionKeeper(NpgsqlDataSource database, TimeProvider clock, ILogger<PartitionKeeper> log)
    : BackgroundService
{
    private const int DaysAhead = 7;

    private static readonly string EnsurePartitions = QueryText.Read("ensure_partitions.sql");

    /// <summary>Makes what is missing from yesterday to some days ahead.</summary>
    public static async Task Ensure(NpgsqlDataSource database, DateOnly today, CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(EnsurePartitions);
        command.Parameters.Add(new NpgsqlParameter<DateOnly> { TypedValue = today });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = DaysAhead });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Makes those of now before the host goes on: without today's nothing can be written.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryEnsure(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryEnsure(stoppingToken);
        }
    }

    private async Task TryEnsure(CancellationToken cancellation)
    {
        try
        {
            await Ensure(database, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), cancellation);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
        {
            log.LogError(failure, "The next partitions can't be made now; it is tried again");
        }
    }
}
