using System.Collections.Frozen;
using System.Security.Cryptography;
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
    private readonly ApiKeyQueries _keys;
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
        ProjectQueries queries,
        ApiKeyQueries keys,
        IOptions<AccessOptions> options,
        TimeProvider time,
        ILogger<ProjectDirectory> log)
    {
        _queries = queries;
        _keys = keys;
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

    /// <summary>The key that this is, or null when it is none that is let in.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet, so nobody can tell.</exception>
    public PresentedKey? FindByApiKey(string key)
    {
        // Looked up by its hash: how long that takes says nothing about any key.
        PresentedKey? found = Projects().ByHash.GetValueOrDefault(Convert.ToHexStringLower(NewKey.HashOf(key)));
        if (found is null)
        {
            WishRefresh();
        }

        return found;
    }

    /// <summary>Whether a key that was let in before still is, as what it was then.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    public bool IsLetIn(PresentedKey key) => Projects().Keys.ContainsKey(key);

    /// <summary>What is known of a key that was let in; null when it is not let in any more.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    internal KnownKey? FindKey(PresentedKey key) => Projects().Keys.GetValueOrDefault(key);

    /// <summary>Reads the projects now, because they were changed from here.</summary>
    public Task Reread(CancellationToken cancellation) => Refresh(cancellation);

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
            Volatile.Write(ref _known, Known.Of(await _queries.GetAll(cancellation), await _keys.GetKnown(cancellation)));
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

    private sealed record Known(
        IReadOnlyList<ProjectAccess> All,
        FrozenDictionary<string, string> ByToken,
        FrozenDictionary<string, PresentedKey> ByHash,
        FrozenDictionary<PresentedKey, KnownKey> Keys)
    {
        private const int MarkBytes = 8;

        public static Known Of(IReadOnlyList<ProjectAccess> projects, IReadOnlyList<KnownKey> keys)
        {
            Dictionary<string, PresentedKey> byHash = [];
            Dictionary<PresentedKey, KnownKey> byKey = [];
            foreach (KnownKey key in keys)
            {
                // A cookie carries the mark, and a hash of the hash tells whoever reads it nothing about the key.
                string mark = Convert.ToHexStringLower(SHA256.HashData(key.Sha256), 0, MarkBytes);
                PresentedKey presented = new(key.Project, key.Role, mark);
                byHash[Convert.ToHexStringLower(key.Sha256)] = presented;
                byKey[presented] = key;
            }

            return new Known(
                projects,
                projects.ToFrozenDictionary(project => project.Token, project => project.Project),
                byHash.ToFrozenDictionary(),
                byKey.ToFrozenDictionary());
        }
    }
}
