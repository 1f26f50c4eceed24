using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Sessions.Domain.Querying;
using Sessions.Grains;
using Sessions.Postgres.Queries.Aggregates;
using Sessions.Postgres.Sql;

namespace Sessions.Gateway.Api.Querying;

/// <summary>What questions over many sessions need.</summary>
internal static class QueryingSetup
{
    public static void AddQuerying(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SqlOptions>().Bind(configuration.GetSection("Sessions:Sql")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<QueryOptions>().Bind(configuration.GetSection("Sessions:Query")).ValidateDataAnnotations().ValidateOnStart();
        services.AddProjectCache(configuration, (settings, _) => CalendarOf(settings));
        services.AddSingleton<AggregateQueries>();
        services.AddSingleton<QueryTurns>();
        services.AddSingleton<SqlReaders>();
        services.AddSingleton<SqlQueries>();
        services.AddSingleton<SqlTurns>();
    }

    /// <summary>How the people of a project read time. A zone that this machine has lost is read as UTC.</summary>
    private static LocalCalendar CalendarOf(ProjectSettings settings) => new(
        TimeZoneInfo.TryFindSystemTimeZoneById(settings.TimeZone, out TimeZoneInfo? zone) ? zone : TimeZoneInfo.Utc,
        settings.WeekStart);
}
