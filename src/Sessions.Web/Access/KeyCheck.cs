using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Sessions.Capture;
using Sessions.Database;
using Sessions.Queries;

namespace Sessions.Web.Access;

/// <summary>The result of checking the key of a request.</summary>
/// <param name="Key">The key; null when it is wrong or was not looked at.</param>
/// <param name="RetryAfter">How long the sender must wait, because it sent too many wrong keys; zero when it need not.</param>
internal readonly record struct CheckedKey(PresentedKey? Key, TimeSpan RetryAfter);

/// <summary>Checks presented keys, slows down guessing, and records when each key was last used.</summary>
internal sealed partial class KeyCheck : PeriodicWork
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly ProjectDirectory _projects;
    private readonly ApiKeyQueries _queries;
    private readonly ClientAddress _addresses;
    private readonly ILogger<KeyCheck> _log;
    private readonly GuessLimit _limit;
    private readonly Lock _lock = new();
    private Dictionary<PresentedKey, DateTimeOffset> _used = [];

    public KeyCheck(
        ProjectDirectory projects, ApiKeyQueries queries, ClientAddress addresses, IOptions<AccessOptions> options, TimeProvider time,
        ILogger<KeyCheck> log)
        : base(Period, time)
    {
        _projects = projects;
        _queries = queries;
        _addresses = addresses;
        _log = log;
        _limit = new GuessLimit(options.Value.WrongKeysPerMinute, time);
    }

    /// <summary>Checks a key. Postgres is asked about an unknown one, unless its sender sends too many of them.</summary>
    /// <exception cref="SessionsUnavailableException">
    /// The projects could not be read yet, or Postgres can't be asked now, so the key may be valid.
    /// </exception>
    public async ValueTask<CheckedKey> Check(string key, HttpRequest request)
    {
        PresentedKey? known = _projects.FindByApiKey(key);
        TimeSpan wait = _limit.Check(_addresses.Of(request), known?.Mark);
        if (wait > TimeSpan.Zero)
        {
            return new CheckedKey(null, wait);
        }

        if (known is null && key.Length > 0)
        {
            known = await _projects.LookUpApiKey(key);
        }

        if (known is not null)
        {
            Use(known);
        }

        return new CheckedKey(known, TimeSpan.Zero);
    }

    /// <summary>Notes that a key was used now.</summary>
    public void Use(PresentedKey key)
    {
        DateTimeOffset now = Time.GetUtcNow();
        lock (_lock)
        {
            _used[key] = now;
        }
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Attempt(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task Step(CancellationToken stopping)
    {
        Dictionary<PresentedKey, DateTimeOffset> used;
        lock (_lock)
        {
            (used, _used) = (_used, []);
        }

        KeyUse[] uses = [.. used.Select(use => (At: use.Value, Key: _projects.FindKey(use.Key)))
            .Where(use => use.Key?.Project is not null)
            .Select(use => new KeyUse(use.Key!.Project!, use.Key.Id, use.At))];
        if (uses.Length == 0)
        {
            return;
        }

        try
        {
            await _queries.SetUsed(uses, stopping);
        }
        catch
        {
            lock (_lock)
            {
                foreach ((PresentedKey key, DateTimeOffset at) in used)
                {
                    _used.TryAdd(key, at);
                }
            }

            throw;
        }
    }

    /// <inheritdoc/>
    protected override void LogFailing(string reason, Exception? fault) => LogNotWritten(fault, reason);

    /// <inheritdoc/>
    protected override void LogWorking() => LogWritten();

    [LoggerMessage(4012, LogLevel.Warning, "The last use of API keys can't be written now ({Reason}). The gateway tries again every minute. Check that "
        + "Postgres runs.")]
    private partial void LogNotWritten(Exception? fault, string reason);

    [LoggerMessage(4013, LogLevel.Information, "The last use of API keys is written again.")]
    private partial void LogWritten();
}
