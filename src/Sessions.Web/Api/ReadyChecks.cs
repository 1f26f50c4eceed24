using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Sessions.Capture.Disk;
using Sessions.Database;
using Sessions.Database.Time;
using Sessions.Queries;

namespace Sessions.Web.Api;

/// <summary>Checks that Postgres answers.</summary>
internal sealed class PostgresReady(PingQuery ping) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await ping.Run(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (PostgresAway.Is(error))
        {
            return HealthCheckResult.Unhealthy("Postgres does not answer.", error);
        }
    }
}

/// <summary>Checks that the clocks of this machine and of Postgres agree.</summary>
internal sealed class ClockReady(ClockWatch clock) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(clock.Trouble is { } trouble ? HealthCheckResult.Unhealthy(trouble) : HealthCheckResult.Healthy());
}

/// <summary>
/// Reports that the disk of Postgres has too little room. The gateway stays ready: it still answers what reads, and people need
/// its pages to make room.
/// </summary>
internal sealed class DiskReady(DiskWatch disk) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(disk.Trouble is { } trouble ? HealthCheckResult.Degraded(trouble) : HealthCheckResult.Healthy());
}

/// <summary>Reports what an operator should know while the process works.</summary>
internal sealed class ConcernsReady(IEnumerable<Concern> concerns) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        string[] now = [.. concerns.Select(concern => concern.Now()).OfType<string>()];
        return Task.FromResult(now.Length > 0 ? HealthCheckResult.Degraded(string.Join('\n', now)) : HealthCheckResult.Healthy());
    }
}

/// <summary>Checks that a silo answers this gateway.</summary>
internal sealed class ClusterReady(IGrainFactory grains) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            Dictionary<SiloAddress, SiloStatus> silos =
                await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true, cancellationToken);
            return silos.Count > 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("No silo is active.");
        }
        catch (Exception error) when (error is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            // A silo in trouble may throw any exception, also one of a type that the gateway does not know.
            return HealthCheckResult.Unhealthy("No silo answers.", error);
        }
    }
}

/// <summary>Reports whether a gateway is ready, and if not, why.</summary>
internal static class ReadyAnswer
{
    public static Task Write(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(string.Join(
            '\n',
            report.Entries.Values.Where(check => check.Status != HealthStatus.Healthy && check.Description is not null)
                .Select(check => check.Description).Prepend(report.Status.ToString())));
    }
}
