using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Sessions.Client.Projects;
using Sessions.Queries;
using Sessions.Queries.UserSql;
using Sessions.Web.Analytics;
using Sessions.Web.Api;
using Sessions.Web.Browsing;
using Sessions.Web.Exporting;
using Sessions.Web.Layout;
using Sessions.Web.UserSql;

namespace Sessions.Web;

/// <summary>Registers the services of queries over many sessions.</summary>
internal static class QueryingSetup
{
    public static void AddQuerying(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SqlOptions>().Bind(configuration.GetSection(SqlOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ExportOptions>().Bind(configuration.GetSection(ExportOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<QueryOptions>().Bind(configuration.GetSection(QueryOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddOptions<ListOptions>().Bind(configuration.GetSection(ListOptions.Section)).ValidateDataAnnotations().ValidateOnStart();
        services.AddProjectCache(configuration, (settings, _) => QuerySettings.Of(settings));
        services.AddSessionsQueries();
        services.AddSingleton<QueryConcurrencyLimit>();
        services.AddSingleton<CountedReader>();
        services.AddSingleton<SessionList>();
        services.AddSingleton<CardTables>();
        services.AddSingleton<PageFilters>();
        services.AddSingleton<SuggestionQueries>();
        services.AddSingleton<ListConcurrencyLimit>();
        services.AddSingleton<RegexCheck>();
        services.AddSingleton<Exports>();
        services.AddSingleton<ExportConcurrencyLimit>();
        services.AddSingleton<ExportNeeds>();
        services.AddSingleton<SqlReaders>();
        services.AddSingleton<SqlQueries>();
        services.AddSingleton<SqlConcurrencyLimit>();
        services.AddSingleton<SqlRunner>();
    }
}
