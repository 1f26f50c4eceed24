using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Sessions.Database;
using Sessions.Queries.Aggregates;
using Sessions.Queries.Engines;
using Sessions.Queries.Hours;

namespace Sessions.Queries;

/// <summary>Registers the queries over many sessions.</summary>
public static class QueriesServices
{
    /// <summary>
    /// Registers the queries over many sessions. Needs <see cref="DatabaseServices.AddSessionsDatabase"/>.
    /// </summary>
    public static IServiceCollection AddSessionsQueries(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHourOptions(configuration);
        services.AddSingleton<SessionHours>();
        services.AddSingleton<QuestionEngines>();
        services.AddSingleton<AggregateQueries>();
        services.AddSingleton<WebAnalytics>();
        return services;
    }

    /// <summary>
    /// Registers the service that aggregates the sessions of past hours, which makes queries over long ranges fast.
    /// Every silo runs the service, but only one works at a time. Needs
    /// <see cref="DatabaseServices.AddSessionsDatabase"/>.
    /// </summary>
    public static IServiceCollection AddHourlyAggregation(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHourOptions(configuration);
        services.AddSingleton<HourKeeper>();
        services.AddHostedService(provider => provider.GetRequiredService<HourKeeper>());
        return services;
    }

    private static void AddHourOptions(this IServiceCollection services, IConfiguration configuration) =>
        services.AddOptions<HourOptions>()
            .Bind(configuration.GetSection(HourOptions.Section))
            .ValidateDataAnnotations()
            .ValidateOnStart();
}
