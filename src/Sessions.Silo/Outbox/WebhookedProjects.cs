using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database;

namespace Sessions.Silo.Outbox;

/// <summary>
/// A cache of the projects that have webhooks. It only saves the outbox statement for the other projects. Which
/// webhooks get a message is decided in SQL, inside the transaction of the change.
/// </summary>
/// <remarks>The host waits for the first read, so that the first sessions' messages are written too.</remarks>
internal sealed partial class WebhookedProjects(
    NpgsqlDataSource database, IOptions<OutboxOptions> options, TimeProvider clock, ILogger<WebhookedProjects> log)
    : PeriodicWork(options.Value.Refresh, clock, FirstStep.BeforeTheHostGoesOn)
{
    private static readonly string Find = SqlFile.Read("webhooked_projects.sql");

    private volatile FrozenSet<string>? _projects;

    /// <summary>
    /// Whether the project may have a webhook. True for every project until the first read has succeeded.
    /// </summary>
    public bool MayHave(string project) => _projects is not { } known || known.Contains(project);

    /// <summary>Reads the projects with webhooks now.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task Read(CancellationToken cancellation)
    {
        HashSet<string> found = [];
        await using NpgsqlCommand command = database.CreateCommand(Find);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            found.Add(reader.GetString(0));
        }

        if (_projects is not { } known || !known.SetEquals(found))
        {
            _projects = found.ToFrozenSet();
        }
    }

    protected override Task Step(CancellationToken stopping) => Read(stopping);

    [LoggerMessage(1110, LogLevel.Warning, "The list of projects with webhooks can't be read now ({Reason}). The silo keeps the list that it has and tries again at "
        + "its next turn. Check that Postgres runs.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(1111, LogLevel.Information, "The list of projects with webhooks is read again.")]
    protected override partial void LogWorking();
}
