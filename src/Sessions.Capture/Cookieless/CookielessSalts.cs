using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sessions.Database;

namespace Sessions.Capture.Cookieless;

/// <summary>
/// The salts of the last days, the same for all gateways. The gateway that first needs a day's salt creates it.
/// Postgres keeps salts over restarts, and this cache reads each salt once.
/// </summary>
internal sealed partial class CookielessSalts(
    CookielessSaltQueries queries, CaptureOptions options, TimeProvider time, ILogger<CookielessSalts> logger)
{
    private const int SaltBytes = 32;

    // Callers ask only for days that may have a salt, so there are few.
    private readonly ConcurrentDictionary<DateOnly, Lazy<Task<byte[]>>> _salts = [];

    private readonly Outage _outage = new();

    /// <summary>Returns the day's salt. The caller has checked that the day may still have one.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres can't answer now.</exception>
    /// <exception cref="TimeoutException">Postgres did not answer in time.</exception>
    public Task<byte[]> Of(DateOnly day, CancellationToken cancellation)
    {
        // All callers that wait for a day share one query, and none of them can cancel it.
        Task<byte[]> salt = _salts.GetOrAdd(day, asked => new Lazy<Task<byte[]>>(() => Load(asked))).Value;
        return salt.IsCompletedSuccessfully ? salt : salt.WaitAsync(options.Patience, time, cancellation);
    }

    /// <summary>Deletes expired salts, here and in Postgres.</summary>
    /// <exception cref="NpgsqlException">Postgres can't answer now.</exception>
    public async Task DeleteOld(CancellationToken cancellation)
    {
        DateOnly oldest = CookielessDay.OldestKept(time.GetUtcNow());
        foreach (DateOnly day in _salts.Keys.Where(day => day < oldest))
        {
            _salts.TryRemove(day, out _);
        }

        await queries.DeleteBefore(oldest, cancellation);
    }

    private async Task<byte[]> Load(DateOnly day)
    {
        try
        {
            byte[] salt = await queries.GetOrAdd(day, RandomNumberGenerator.GetBytes(SaltBytes), CancellationToken.None);
            if (_outage.End())
            {
                LogAvailable();
            }

            return salt;
        }
        catch (Exception failure)
        {
            // The next request reads the salt again.
            _salts.TryRemove(day, out _);
            bool isAway = PostgresAway.Is(failure) || failure is SessionsUnavailableException;
            if (_outage.Begin() || !isAway)
            {
                LogUnavailable(isAway ? null : failure, failure.Message);
            }

            throw new SessionsUnavailableException("The salt of cookieless visitors can't be read now.", failure);
        }
    }

    [LoggerMessage(3020, LogLevel.Warning, "The salt of cookieless visitors can't be read now ({Reason}). The next cookieless event tries again, and senders get "
        + "503 until then. Check that Postgres runs.")]
    private partial void LogUnavailable(Exception? failure, string reason);

    [LoggerMessage(3021, LogLevel.Information, "The salt of cookieless visitors is read again.")]
    private partial void LogAvailable();
}
