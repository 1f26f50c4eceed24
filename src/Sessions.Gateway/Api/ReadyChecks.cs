using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using Sessions.Postgres.Queries;
using Sessions.Postgres.Time;

namespace Sessions.Gateway.Api;

/// <summary>Whether Postgres answers.</summary>
internal sealed class PostgresReady(PingQuery ping) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await ping.Run(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is NpgsqlException or TimeoutException)
        {
            return HealthCheckResult.Unhealthy("Postgres does not answer.", error);
        }
    }
}

/// <summary>Whether this machine and Postgres have the same time.</summary>
internal sealed class ClockReady(ClockWatch clock) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(clock.Trouble is { } trouble ? HealthCheckResult.Unhealthy(trouble) : HealthCheckResult.Healthy());
}

/// <summary>Whether a silo answers this gateway.</summary>
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
            // Whatever a silo that is in trouble throws: some of it is nothing that is known here.
            return HealthCheckResult.Unhealthy("No silo answers.", error);
        }
    }
}

/// <summary>Says whether a gateway is ready, and if not why.</summary>
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
