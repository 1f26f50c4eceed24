using System.Collections.Frozen;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Sessions.Postgres;

/// <summary>
/// Which projects have webhooks, as this silo knows it. It only spares the others a statement: who is told of what is
/// decided by the statement itself, in the transaction of what happened.
/// </summary>
internal sealed class WebhookedProjects(
    NpgsqlDataSource database, IOptions<OutboxOptions> options, TimeProvider clock, ILogger<WebhookedProjects> log)
    : BackgroundService
{
    private static readonly string Find = QueryText.Read("webhooked_projects.sql");

    private volatile FrozenSet<string>? _projects;
    private bool _isFailing;

    /// <summary>Whether the project may have a webhook; so it is while nobody could find out yet.</summary>
    public bool MayHave(string project) => _projects is not { } known || known.Contains(project);

    /// <summary>Reads them before the host goes on: what the first sessions do is told too.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryRead(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Reads them now.</summary>
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Refresh, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryRead(stoppingToken);
        }
    }

    private async Task TryRead(CancellationToken cancellation)
    {
        try
        {
            await Read(cancellation);
            _isFailing = false;
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
        {
            // What is known holds on: with Postgres away nothing happens that could be told.
            if (!_isFailing)
            {
                _isFailing = true;
                log.LogWarning("Which projects have webhooks can't be read now; it is tried again: {Reason}", failure.Message);
            }
        }
    }
}
