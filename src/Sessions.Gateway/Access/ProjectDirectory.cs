using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Access;

/// <summary>
/// The projects as this gateway knows them. It answers from memory, also while Postgres is away; a change in the table
/// is seen at the next refresh, and an unknown token or key brings the next refresh forward.
/// </summary>
public sealed class ProjectDirectory : BackgroundService
{
    private readonly ProjectQueries _queries;
    private readonly AccessOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ProjectDirectory> _log;

    // Holds one wish: any number of callers that miss a project at the same moment cause one refresh.
    private readonly Channel<bool> _wishes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private Known? _known;
    private long _refreshedAt;
    private bool _isStale;

    public ProjectDirectory(
        ProjectQueries queries, IOptions<AccessOptions> options, TimeProvider time, ILogger<ProjectDirectory> log)
    {
        _queries = queries;
        _options = options.Value;
        _time = time;
        _log = log;
    }

    /// <summary>Whether the projects have been read at least once.</summary>
    public bool IsLoaded => Volatile.Read(ref _known) is not null;

    /// <summary>The project with this public token, or null.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet, so nobody can tell.</exception>
    public string? FindByToken(string token)
    {
        string? project = Projects().ByToken.GetValueOrDefault(token);
        if (project is null)
        {
            WishRefresh();
        }

        return project;
    }

    /// <summary>The public token of a project, or null when the project is not known.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    public string? FindToken(string project) =>
        Projects().All.FirstOrDefault(access => access.Project == project)?.Token;

    /// <summary>Tells a project's present key from its other ones without giving it away; null when it is not known.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    public string? KeyMark(string project) =>
        Projects().All.FirstOrDefault(access => access.Project == project) is { } access
            ? Convert.ToHexStringLower(SHA256.HashData(access.ApiKeySha256), 0, 8)
            : null;

    /// <summary>The project with this API key, or null. It takes as long for a wrong key as for a right one.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet, so nobody can tell.</exception>
    public string? FindByApiKey(string key)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
        string? found = null;
        foreach (ProjectAccess access in Projects().All)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, access.ApiKeySha256))
            {
                found = access.Project;
            }
        }

        if (found is null)
        {
            WishRefresh();
        }

        return found;
    }

    /// <inheritdoc/>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Refresh(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        bool refreshed = IsLoaded;
        await using ITimer timer = _time.CreateTimer(
            _ => _wishes.Writer.TryWrite(true), null, DueAfter(refreshed), Timeout.InfiniteTimeSpan);
        await foreach (bool _ in _wishes.Reader.ReadAllAsync(stoppingToken))
        {
            refreshed = await Refresh(stoppingToken);
            timer.Change(DueAfter(refreshed), Timeout.InfiniteTimeSpan);
        }
    }

    private TimeSpan DueAfter(bool refreshed) => refreshed ? _options.ProjectsRefresh : _options.ProjectsRetry;

    private Known Projects()
    {
        if (Volatile.Read(ref _known) is { } known)
        {
            return known;
        }

        WishRefresh();
        throw new SessionsUnavailableException("The projects have not been read from Postgres yet.");
    }

    private void WishRefresh()
    {
        if (_time.GetElapsedTime(Volatile.Read(ref _refreshedAt)) >= _options.ProjectsRetry)
        {
            _wishes.Writer.TryWrite(true);
        }
    }

    private async Task<bool> Refresh(CancellationToken cancellation)
    {
        Volatile.Write(ref _refreshedAt, _time.GetTimestamp());
        try
        {
            IReadOnlyList<ProjectAccess> projects = await _queries.GetAll(cancellation);
            Volatile.Write(
                ref _known,
                new Known(projects, projects.ToFrozenDictionary(project => project.Token, project => project.Project)));
            if (_isStale)
            {
                _log.LogInformation("The projects could be read again.");
            }

            _isStale = false;
            return true;
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            // Once for each time that Postgres is away, since this is tried every second then.
            if (!_isStale)
            {
                _log.LogWarning(
                    "The projects could not be read ({Reason}); the {Count} known ones are kept.", error.Message, _known?.All.Count ?? 0);
            }

            _isStale = true;
            return false;
        }
    }

    private sealed record Known(IReadOnlyList<ProjectAccess> All, FrozenDictionary<string, string> ByToken);
}
