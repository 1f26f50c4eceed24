using Microsoft.Extensions.DependencyInjection;
using Sessions.Database;
using Sessions.Queries.Aggregates;
using Sessions.Queries.Engines;

namespace Sessions.Queries;

/// <summary>Registers the queries over many sessions.</summary>
public static class QueriesServices
{
    /// <summary>
    /// Registers the queries over many sessions. Needs <see cref="DatabaseServices.AddSessionsDatabase"/>.
    /// </summary>
    public static IServiceCollection AddSessionsQueries(this IServiceCollection services)
    {
        services.AddSingleton<QueryEngines>();
        services.AddSingleton<AggregateQueries>();
        services.AddSingleton<WebAnalytics>();
        return services;
    }
}
