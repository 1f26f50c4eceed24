using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Sessions.Database.Readers;

/// <summary>The limits of readers' logins. Section <c>Sessions:Readers</c> of the configuration.</summary>
public sealed class ReaderOptions
{
    /// <summary>The configuration's section.</summary>
    public const string Section = "Sessions:Readers";

    /// <summary>The most connections of one project's reader. Default 10.</summary>
    [Range(1, 1000)]
    public int Connections { get; set; } = 10;

    /// <summary>
    /// The longest transaction of a reader, whatever the reader's own settings are. Default 5 minutes.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:10", "1.00:00:00")]
    public TimeSpan LongestTransaction { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The interval at which the guard checks readers. Default one minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan Every { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>
/// Enforces the limits of readers. A reader can change its own password and settings, and Postgres can't forbid that.
/// So the guard restores them, and ends transactions that run for too long.
/// </summary>
public sealed partial class ReaderGuard(
    NpgsqlDataSource database, IOptions<ReaderOptions> options, TimeProvider time, ILogger<ReaderGuard> log)
    : PeriodicWork(options.Value.Every, time, FirstStep.AtOnce)
{
    private static readonly string Hold = SqlFile.Read("readers_hold.sql");

    private bool _isServerChecked;

    /// <summary>Makes one round.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
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

    /// <summary>
    /// Warns when readers may call dangerous functions on this server, and logs the statements with which a superuser
    /// can revoke them.
    /// </summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task CheckServer(CancellationToken cancellation)
    {
        if (await FunctionRights.Advice(database, cancellation) is (int count, string advice, string name))
        {
            LogServer(count, name, OneLine().Replace(advice, " "));
        }
    }

    /// <inheritdoc/>
    protected override async Task Step(CancellationToken stopping)
    {
        if (!_isServerChecked)
        {
            await CheckServer(stopping);
            _isServerChecked = true;
        }

        await Round(stopping);
    }

    [LoggerMessage(7001, LogLevel.Warning, "A reader had left its limits: {Found}. The limits hold again. If it happens often, ask "
        + "whoever has the reader's password.")]
    private partial void LogFound(string found);

    // An operator copies the rest of the line, so the text after the statements is an SQL comment.
    [LoggerMessage(7002, LogLevel.Warning, "This Postgres lets readers call {Count} functions that lock, wait or write. A reader can hold up or fill "
        + "the server with them. The superuser ends that with these statements in the database {Name}: {Advice} -- This line ends here.")]
    private partial void LogServer(int count, string name, string advice);

    [LoggerMessage(7003, LogLevel.Warning, "The limits of readers can't be checked now ({Reason}). The check runs again at its next turn. "
        + "Check that Postgres runs.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(7004, LogLevel.Information, "The limits of readers are checked again.")]
    protected override partial void LogWorking();

    [GeneratedRegex(@"(\s*--[^\n]*)?\s+")]
    private static partial Regex OneLine();
}
