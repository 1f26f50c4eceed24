using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sessions.Postgres.Queries;

namespace Sessions.Gateway.Capture.Cookieless;

/// <summary>
/// The salts of the last days, as all gateways have them: made by whoever needs a day's first, kept in Postgres so
/// that they outlive restarts, remembered here so that Postgres is asked once a day.
/// </summary>
internal sealed partial class CookielessSalts(
    CookielessSaltQueries queries, CaptureOptions options, TimeProvider time, ILogger<CookielessSalts> logger)
{
    private const int SaltBytes = 32;

    // Only days that may have a salt are asked for, so there are a handful.
    private readonly ConcurrentDictionary<DateOnly, Lazy<Task<byte[]>>> _salts = [];

    private volatile bool _isFailing;

    /// <summary>The day's salt. The caller has made sure that there may still be one.</summary>
    /// <exception cref="SessionsUnavailableException">Postgres can't be asked now.</exception>
    /// <exception cref="TimeoutException">Postgres did not answer within the patience.</exception>
    public Task<byte[]> Of(DateOnly day, CancellationToken cancellation)
    {
        // All who wait for a day share one question to Postgres, and none of them can call it off.
        Task<byte[]> salt = _salts.GetOrAdd(day, asked => new Lazy<Task<byte[]>>(() => Load(asked))).Value;
        return salt.IsCompletedSuccessfully ? salt : salt.WaitAsync(options.Patience, time, cancellation);
    }

    /// <summary>Deletes the salts that have had their time, here and in Postgres.</summary>
    /// <exception cref="NpgsqlException">Postgres can't be asked now.</exception>
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
            _isFailing = false;
            return salt;
        }
        catch (Exception failure)
        {
            // The next request asks again.
            _salts.TryRemove(day, out _);
            if (!_isFailing || failure is not (NpgsqlException or SessionsUnavailableException))
            {
                _isFailing = true;
                LogUnavailable(failure is NpgsqlException or SessionsUnavailableException ? null : failure, failure.Message);
            }

            throw new SessionsUnavailableException("The salt of cookieless visitors can't be read now.", failure);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The salt of cookieless visitors could not be read: {Reason}")]
    private partial void LogUnavailable(Exception? failure, string reason);
}
