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
/// regularly. What it does not know is looked up in Postgres before a caller is refused, because another gateway may have
/// made it a moment ago.
/// </summary>
public sealed partial class ProjectDirectory : BackgroundService, ITokenDirectory
{
    // The longest time that a caller waits for a look-up.
    private static readonly TimeSpan LookUpPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LookUpPause = TimeSpan.FromMilliseconds(50);

    private readonly ProjectQueries _queries;
    private readonly ApiKeyQueries _keys;
    private readonly AccessOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ProjectDirectory> _log;
    private readonly UnknownLookUps _lookUps;

    // One read at a time: an earlier one that is slow must not overwrite what a later one has read.
    private readonly SemaphoreSlim _turn = new(1, 1);

    // Holds one request for a refresh, so that many callers who miss a project at the same moment cause one refresh.
    private readonly Channel<bool> _wishes =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Outage _outage = new();
    private Known? _known;
    private long _refreshedAt;

    public ProjectDirectory(
        ProjectQueries queries,
        ApiKeyQueries keys,
        UnknownAccessQuery unknown,
        IOptions<AccessOptions> options,
        TimeProvider time,
        ILogger<ProjectDirectory> log)
    {
        _queries = queries;
        _keys = keys;
        _options = options.Value;
        _time = time;
        _log = log;
        _lookUps = new UnknownLookUps(
            async asked =>
            {
                if (await unknown.AnyExists(asked, CancellationToken.None) && !await Refresh(CancellationToken.None))
                {
                    throw new SessionsUnavailableException("The projects can't be read from Postgres now.");
                }
            },
            LookUpPause,
            time);
    }

    /// <summary>Whether the gateway has read the projects at least once.</summary>
    public bool IsLoaded => Volatile.Read(ref _known) is not null;

    /// <inheritdoc/>
    public string? FindByToken(string token) => Projects().ByToken.GetValueOrDefault(token);

    /// <inheritdoc/>
    public Task LookUp(IReadOnlyCollection<string> tokens) => LookUp([.. tokens.Select(token => new UnknownAccess(Token: token))]);

    /// <summary>The public token of a project; null when the project is unknown.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    public string? FindToken(string project) =>
        Projects().All.FirstOrDefault(access => access.Project == project)?.Token;

    /// <summary>Returns the key with this text; null when it is not valid.</summary>
    /// <exception cref="SessionsUnavailableException">
    /// The projects could not be read yet, so the key may be valid.
    /// </exception>
    public PresentedKey? FindByApiKey(string key) =>
        // Looked up by its hash, so that the time of the look-up reveals nothing about any key.
        FindByKeyHash(NewKey.HashOf(key));

    /// <summary>Asks Postgres whether a key is new, and returns it if so.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres can't answer now, so the key may be valid.</exception>
    internal Task<PresentedKey?> LookUpApiKey(string key) => LookUpKeyHash(NewKey.HashOf(key));

    /// <summary>The same for the key with this SHA-256.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres can't answer now, so the key may be valid.</exception>
    internal async Task<PresentedKey?> LookUpKeyHash(byte[] sha256)
    {
        await LookUp([new UnknownAccess(KeySha256: sha256)]);
        return FindByKeyHash(sha256);
    }

    /// <summary>The project that the operator sees first.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    internal string First => Projects().First;

    /// <summary>Returns the key with this SHA-256; null when there is none.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    internal PresentedKey? FindByKeyHash(byte[] sha256) =>
        Projects().ByHash.GetValueOrDefault(Convert.ToHexStringLower(sha256));

    /// <summary>Whether there is a project with this id.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    internal bool Exists(string project) => Projects().All.Any(access => access.Project == project);

    /// <summary>The same, and asks Postgres about a project that this gateway does not know.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres can't answer now, so the project may exist.</exception>
    internal async ValueTask<bool> ExistsAnywhere(string project)
    {
        if (!Exists(project) && ProjectId.IsValid(project))
        {
            await LookUp([new UnknownAccess(Project: project)]);
        }

        return Exists(project);
    }

    /// <summary>Whether a key that was accepted before is still valid with the same role.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    public bool IsLetIn(PresentedKey key) => FindKey(key) is not null;

    /// <summary>The same, whatever project the operator has chosen.</summary>
    /// <exception cref="SessionsUnavailableException">The projects could not be read yet.</exception>
    internal bool IsKey(PresentedKey key) => Projects().Keys.ContainsKey((key.Owner, key.Role, key.Mark));

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
    public override void Dispose()
    {
        base.Dispose();
        _turn.Dispose();
        GC.SuppressFinalize(this);
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

    private async Task LookUp(IReadOnlyCollection<UnknownAccess> asked)
    {
        // Without any copy, all callers get a 503 anyway.
        Projects();
        try
        {
            await _lookUps.LookUp(asked).WaitAsync(LookUpPatience, _time);
        }
        catch (Exception failure) when (failure is TimeoutException || PostgresAway.Is(failure))
        {
            throw new SessionsUnavailableException("Postgres can't say now whether a token, key or project is new.", failure);
        }
    }

    private async Task<bool> Refresh(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            return await Read(cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<bool> Read(CancellationToken cancellation)
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
        string First,
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
                first,
                projects.Where(project => !project.IsArchived).ToFrozenDictionary(project => project.Token, project => project.Project),
                byHash.ToFrozenDictionary(),
                byKey.ToFrozenDictionary());
        }
    }
}
