using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Postgres.Sql;

namespace Sessions.Postgres;

/// <summary>What the logins of readers may take. Section <c>Sessions:Readers</c> of the configuration.</summary>
public sealed class ReaderOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Readers";

    /// <summary>The most connections of one project's reader. Default 10.</summary>
    [Range(1, 1000)]
    public int Connections { get; set; } = 10;

    /// <summary>How long a transaction of a reader may go on, whatever the reader sets. Default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan LongestTransaction { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often readers are looked after. Default a minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>
/// Holds readers to their limits. A reader may change its own password and settings, and Postgres can't forbid that; so
/// what was changed is put back, and what goes on for too long is ended.
/// </summary>
public sealed partial class ReaderGuard(NpgsqlDataSource database, IOptions<ReaderOptions> options, ILogger<ReaderGuard> log)
    : BackgroundService
{
    private static readonly string Hold = QueryText.Read("readers_hold.sql");

    /// <summary>One round.</summary>
    /// <exception cref="NpgsqlException">Postgres can't do it now.</exception>
    public async Task Round(CancellationToken cancellation)
    {
        await using NpgsqlCommand command = database.CreateCommand(Hold);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = options.Value.Connections });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.Value.LongestTransaction });
        await using NpgsqlDataReader found = await command.ExecuteReaderAsync(cancellation);
        while (await found.ReadAsync(cancellation))
        {
            LogFound(found.GetString(0));
        }
    }

    /// <summary>Says what this server lets readers do that they should not, and how its superuser ends it.</summary>
    /// <exception cref="NpgsqlException">Postgres can't say now.</exception>
    public async Task CheckServer(CancellationToken cancellation)
    {
        if (await FunctionRights.Advice(database, cancellation) is (int count, string advice, string name))
        {
            LogServer(count, name, OneLine().Replace(advice, " "));
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Every, TimeProvider.System);
        bool isChecked = false;
        do
        {
            try
            {
                if (!isChecked)
                {
                    await CheckServer(stoppingToken);
                    isChecked = true;
                }

                await Round(stoppingToken);
            }
            catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
            {
                LogFailure(failure.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Warning, "{Found}")]
    private partial void LogFound(string found);

    [LoggerMessage(LogLevel.Warning, "This Postgres lets readers call {Count} functions that lock, wait or write, with which "
        + "a reader can hold up or fill the server. Its superuser ends that, in the database {Name}, with: {Advice}")]
    private partial void LogServer(int count, string name, string advice);

    [LoggerMessage(LogLevel.Warning, "Readers can't be looked after now; it is tried again: {Reason}")]
    private partial void LogFailure(string reason);

    [GeneratedRegex(@"(\s*--[^\n]*)?\s+")]
    private static partial Regex OneLine();
}
