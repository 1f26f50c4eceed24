using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Capture;
using Sessions.Database;
using Sessions.Queries;

namespace Sessions.Web.Access;

/// <summary>
/// This gateway's copy of the projects. It answers from memory, also while Postgres is unavailable. It is refreshed
/// regularly, and an unknown token or key triggers the next refresh early.
/// </summary>
public sealed partial class ProjectDirectory : BackgroundService, ITokenDirectory
{
    private readonly ProjectQueries _queries;
    private readonly ApiKeyQueries _keys;
    private readonly AccessOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ProjectDirectory> _log;

    // Holds one request for a refresh, so that many callers who miss a project at the same moment cause one refresh.
    private readonly Channel<bool> _wishes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Outage _outage = new();
    private Known? _known;
    private long _refreshedAt;

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

    /// <summary>Whether the gateway has read the projects at least once.</summary>
    public bool IsLoaded => Volatile.Read(ref _known) is not null;

    /// <inheritdoc/>
    public string? FindByToken(string token)
    {
        string? project = Projects().ByToken.GetValueOrDefault(token);
        if (project is null)
        {
            WishRefresh();
        }

        return project;
    }

    /// <summary>The public token of a project; null when the project is unknown.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    public string? FindToken(string project) =>
        Projects().All.FirstOrDefault(access => access.Project == project)?.Token;

    /// <summary>Returns the key with this text; null when it is not valid.</summary>
    /// <exception cref="SessionsUnavailableException">
    /// The projects could not be read yet, so the key may be valid.
    /// </exception>
    public PresentedKey? FindByApiKey(string key)
    {
        // Looked up by its hash, so that the time of the look-up reveals nothing about any key.
        PresentedKey? found = FindByKeyHash(NewKey.HashOf(key));
        if (found is null)
        {
            WishRefresh();
        }

        return found;
    }

    /// <summary>Returns the key with this SHA-256; null when there is none.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    internal PresentedKey? FindByKeyHash(byte[] sha256) =>
        Projects().ByHash.GetValueOrDefault(Convert.ToHexStringLower(sha256));

    /// <summary>Whether there is a project with this id.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    internal bool Exists(string project) => Projects().All.Any(access => access.Project == project);

    /// <summary>Whether a key that was accepted before is still valid with the same role.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    public bool IsLetIn(PresentedKey key) => FindKey(key) is not null;

    /// <summary>The details of a key that was accepted before; null when it is not valid any more.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    internal KnownKey? FindKey(PresentedKey key) =>
        // The operator's key is valid in each project that there is.
        key.Owner is not null || Exists(key.Project) ? Projects().Keys.GetValueOrDefault((key.Owner, key.Role, key.Mark)) : null;

    /// <summary>Reads the projects now, because this gateway has changed them.</summary>
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
            if (_outage.End())
            {
                LogWorking();
            }

            return true;
        }
        catch (Exception error) when (PostgresAway.Is(error))
        {
            if (_outage.Begin())
            {
                LogFailing(error.Message, _known?.All.Count ?? 0);
            }

            return false;
        }
    }

    [LoggerMessage(4010, LogLevel.Warning, "The projects and their keys can't be read now ({Reason}). The gateway keeps the {Count} projects that it knows and tries "
        + "again every second. Check that Postgres runs.")]
    private partial void LogFailing(string reason, int count);

    [LoggerMessage(4011, LogLevel.Information, "The projects and their keys are read again.")]
    private partial void LogWorking();

    private sealed record Known(
        IReadOnlyList<ProjectAccess> All,
        FrozenDictionary<string, string> ByToken,
        FrozenDictionary<string, PresentedKey> ByHash,
        FrozenDictionary<(string? Owner, string Role, string Mark), KnownKey> Keys)
    {
        private const int MarkBytes = 8;

        public static Known Of(IReadOnlyList<ProjectAccess> projects, IReadOnlyList<KnownKey> keys)
        {
            // The project that the operator sees first.
            string first = projects.Select(project => project.Project).Order(StringComparer.Ordinal)
                .MinBy(project => project == ProjectId.Default ? 0 : 1) ?? ProjectId.Default;
            Dictionary<string, PresentedKey> byHash = [];
            Dictionary<(string? Owner, string Role, string Mark), KnownKey> byKey = [];
            foreach (KnownKey key in keys)
            {
                // A cookie contains the mark. It is a hash of the hash, so it reveals nothing about the key.
                string mark = Convert.ToHexStringLower(SHA256.HashData(key.Sha256), 0, MarkBytes);
                byHash[Convert.ToHexStringLower(key.Sha256)] = new PresentedKey(key.Project ?? first, key.Role, mark);
                byKey[(key.Project, key.Role, mark)] = key;
            }

            return new Known(
                projects,
                projects.Where(project => !project.IsArchived).ToFrozenDictionary(project => project.Token, project => project.Project),
                byHash.ToFrozenDictionary(),
                byKey.ToFrozenDictionary());
        }
    }
}
