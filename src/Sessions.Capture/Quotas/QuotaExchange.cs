using Microsoft.Extensions.Logging;
using Sessions.Database;
using Sessions.Domain.Quotas;

namespace Sessions.Capture.Quotas;

/// <summary>
/// Tells the other gateways every few seconds what this one has taken, and learns what they have taken. So quotas cost no
/// query for an event. A quota is exceeded by at most what all gateways take in one interval, and by the requests that are
/// being stored.
/// </summary>
/// <param name="gateway">What this gateway is called in the exchange: no two have the same, and a restarted one is another one.</param>
/// <param name="quotas">What it has taken.</param>
/// <param name="queries">Writes and reads what gateways have taken.</param>
/// <param name="options">The interval.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
internal sealed partial class QuotaExchange(
    Guid gateway, ProjectQuotas quotas, QuotaQueries queries, QuotaOptions options, TimeProvider time, ILogger<QuotaExchange> log)
    : PeriodicWork(options.Exchange, time, FirstStep.AtOnce)
{
    // A gateway without traffic for so many intervals gets no part of the rates.
    private const int RecentIntervals = 3;

    private DateOnly _cleaned;

    private DateOnly Today => DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime);

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (quotas.Untold(Today).Count > 0)
        {
            await Attempt(cancellationToken);
        }
    }

    /// <summary>Makes one exchange. A failure is logged.</summary>
    internal Task Exchange(CancellationToken cancellation) => Attempt(cancellation);

    /// <inheritdoc/>
    protected override async Task Step(CancellationToken stopping)
    {
        DateOnly day = Today;
        IReadOnlyList<(string Project, QuotaUse Mine)> told = quotas.Untold(day);
        quotas.Exchanged(
            day, told, await queries.Exchange(gateway, day, told, options.Exchange * RecentIntervals, stopping));
        if (_cleaned != day)
        {
            await queries.DeleteBefore(day.AddDays(-options.KeepDays), stopping);
            _cleaned = day;
        }
    }

    [LoggerMessage(3070, LogLevel.Warning, "The quotas of projects can't be exchanged with other gateways now ({Reason}). Until it works again, this "
        + "gateway counts what it takes itself, so a project may exceed its quota. Check that Postgres runs.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(3071, LogLevel.Information, "The quotas of projects are exchanged with other gateways again.")]
    protected override partial void LogWorking();
}
