using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Sessions.Grains;
using Sessions.Postgres;
using Sessions.Postgres.Queries;
using Sessions.Postgres.Sql;

namespace Sessions.Gateway.Api.Querying;

/// <summary>What questions over many sessions need.</summary>
internal static class QueryingSetup
{
    public static void AddQuerying(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SqlOptions>().Bind(configuration.GetSection("Sessions:Sql")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ExportOptions>().Bind(configuration.GetSection("Sessions:Export")).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<QueryOptions>().Bind(configuration.GetSection("Sessions:Query")).ValidateDataAnnotations().ValidateOnStart();
        services.AddProjectCache(configuration, (settings, _) => QuerySettings.Of(settings));
        services.AddSessionsQueries(configuration);
        services.AddSingleton<QueryTurns>();
        services.AddSingleton<RegexCheck>();
        services.AddSingleton<Exports>();
        services.AddSingleton<ExportTurns>();
        services.AddSingleton<ExportNeeds>();
        services.AddSingleton<SqlReaders>();
        services.AddSingleton<SqlQueries>();
        services.AddSingleton<SqlTurns>();
    }
}
